/** The way from a proxy to a referent in another process. */
import { ClosedError } from '../../base/errors.ts';
import type { Address } from '../../channel/address.ts';
import { Block } from '../../memory/block.ts';
import { BLOCK_KIND } from '../../memory/layout.ts';
import { type Destination, OUTSIDE } from '../../wire/handoff.ts';
import { REQUEST } from '../messages.ts';
import type { Content } from '../outbox.ts';
import { type Handle, type ProxyType, TICKET_BYTES, type Token } from '../token.ts';
import { keyFor, knownLink, type Link, LinkHolder, learnKey } from './link.ts';

/** Options that are for here: a signal cannot travel, and calls the call off instead. */
function splitSignal(args: readonly unknown[]): { args: readonly unknown[]; signal: AbortSignal | undefined } {
	const last = args.at(-1);
	if (typeof last !== 'object' || last === null || !Object.hasOwn(last, 'signal')) return { args, signal: undefined };
	const { signal, ...rest } = last as { signal: unknown };
	if (signal === undefined) return { args: [...args.slice(0, -1), rest], signal: undefined };
	if (!(signal instanceof AbortSignal)) return { args, signal: undefined };
	return { args: [...args.slice(0, -1), rest], signal };
}

/** The arguments, and behind them what is called: so that errors count arguments as their callers do. */
function calling(target: unknown, args: readonly unknown[]): Content {
	return { value: [...args, target], root: 'args' };
}

export class RemoteHandle implements Handle {
	readonly #token: Token;
	readonly #holder: LinkHolder;
	readonly #ticket: Block | undefined;
	#isReleased = false;

	/** Of objects that are known to their servers by who has attached to them. */
	static readonly #collected: FinalizationRegistry<Token> = new FinalizationRegistry((token) => detach(token));

	constructor(token: Token) {
		this.#token = token;
		this.#holder = new LinkHolder(token);
		if (token.key !== undefined) learnKey(token.address, token.key);
		if (token.ticket !== null) {
			this.#ticket = Block.attach(token.ticket, 'object of a manager', BLOCK_KIND.ticket, TICKET_BYTES);
			this.#ticket.use();
			return;
		}
		this.#link.post(REQUEST.attach, token.object);
		RemoteHandle.#collected.register(this, token, this);
	}

	get type(): ProxyType {
		return this.#token.type;
	}

	get address(): Address {
		return this.#token.address;
	}

	get #link(): Link {
		if (this.#isReleased) throw new ClosedError(`this proxy of a ${this.type.typeid} has been disposed of.`);
		return this.#holder.link;
	}

	call(method: string, given: readonly unknown[], proxy: object): Promise<unknown> {
		const { args, signal } = splitSignal(given);
		return this.#link.call({
			kind: REQUEST.call,
			object: this.#token.object,
			content: calling(method, args),
			proxy,
			signal,
		});
	}

	callSync(method: string, args: readonly unknown[], proxy: object): unknown {
		return this.#link.callSync({
			kind: REQUEST.call,
			object: this.#token.object,
			content: calling(method, args),
			proxy,
		});
	}

	update(fn: unknown, args: readonly unknown[], proxy: object): Promise<unknown> {
		return this.#link.call(this.#updating(fn, args, proxy));
	}

	updateSync(fn: unknown, args: readonly unknown[], proxy: object): unknown {
		return this.#link.callSync(this.#updating(fn, args, proxy));
	}

	#updating(fn: unknown, args: readonly unknown[], proxy: object): Parameters<Link['call']>[0] {
		const { object } = this.#token;
		return { kind: REQUEST.update, object, content: calling(fn, args), proxy };
	}

	copy(): Promise<unknown> {
		return this.#link.call({ kind: REQUEST.copy, object: this.#token.object });
	}

	copySync(): unknown {
		return this.#link.callSync({ kind: REQUEST.copy, object: this.#token.object });
	}

	token(destination: Destination): Token {
		if (this.#isReleased) throw new ClosedError(`this proxy of a ${this.type.typeid} has been disposed of.`);
		if (this.#ticket === undefined || destination === OUTSIDE || destination === null) {
			this.#link.post(REQUEST.lend, this.#token.object);
		}
		if (this.#ticket === undefined || destination === OUTSIDE) {
			return { ...this.#token, door: null, ticket: null, key: keyFor(this.address, destination) };
		}
		this.#ticket.holdFor(destination);
		return this.#token;
	}

	release(): void {
		if (this.#isReleased) return;
		this.#isReleased = true;
		RemoteHandle.#collected.unregister(this);
		if (this.#ticket === undefined) detach(this.#token);
		else this.#ticket.leave();
	}
}

/** Nobody here has a proxy of it any more. */
function detach(token: Token): void {
	knownLink(token)?.post(REQUEST.detach, token.object);
}
