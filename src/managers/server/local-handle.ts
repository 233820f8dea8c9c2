/** The way from a proxy to a referent in this very thread: there is none to go. */
import type { Address } from '../../channel/address.ts';
import { type Destination, OUTSIDE } from '../../wire/handoff.ts';
import type { Handle, ProxyType, ServerPlace, Token } from '../token.ts';
import { Call } from './call.ts';
import type { Entry } from './entry.ts';
import type { Session } from './session.ts';

/** The server of this thread, for what is in it. */
export interface Home {
	readonly place: ServerPlace;
	perform(call: Call, entry: Entry, method: string, args: readonly unknown[]): unknown;
	update(entry: Entry, fn: unknown, args: readonly unknown[]): unknown;
	/** Clients will have a proxy of it. */
	want(entry: Entry): void;
	/** The error for a call that would have to wait where nothing can be waited for. */
	wouldBlock(what: string): Error;
}

export class LocalHandle implements Handle {
	readonly #entry: Entry;
	readonly #server: Home;
	readonly #session: Session;

	/** `session`: whose calls they are. */
	constructor(entry: Entry, server: Home, session: Session) {
		this.#entry = entry;
		this.#server = server;
		this.#session = session;
	}

	get type(): ProxyType {
		return this.#entry.type;
	}

	get address(): Address {
		return this.#server.place.address;
	}

	/** For objects of this server that are made with it. */
	get referent(): unknown {
		return this.#entry.referent;
	}

	async call(method: string, args: readonly unknown[], proxy: object): Promise<unknown> {
		const result = await this.#server.perform(new Call(this.#session), this.#entry, method, args);
		return result === this.#entry.referent ? proxy : result;
	}

	callSync(method: string, args: readonly unknown[], proxy: object): unknown {
		const call = new Call(this.#session);
		const result = this.#server.perform(call, this.#entry, method, args);
		if (result === this.#entry.referent) return proxy;
		if (result instanceof Promise) call.callOff();
		return this.#atOnce(result, method);
	}

	async update(fn: unknown, args: readonly unknown[], proxy: object): Promise<unknown> {
		const result = await this.#server.update(this.#entry, fn, args);
		return result === this.#entry.referent ? proxy : result;
	}

	updateSync(fn: unknown, args: readonly unknown[], proxy: object): unknown {
		const result = this.#server.update(this.#entry, fn, args);
		return result === this.#entry.referent ? proxy : this.#atOnce(result, 'update');
	}

	async copy(): Promise<unknown> {
		return this.copySync();
	}

	copySync(): unknown {
		return this.#entry.kind.copy(this.#entry.referent);
	}

	token(destination: Destination): Token {
		const { id: object, type } = this.#entry;
		const { place } = this.#server;
		this.#server.want(this.#entry);
		if (place.door === null || destination === OUTSIDE || destination === null) this.#entry.lend();
		if (place.door === null || destination === OUTSIDE) return { ...place, door: null, object, type, ticket: null };
		this.#entry.ticket.holdFor(destination);
		return { ...place, object, type, ticket: this.#entry.ticket.toReference() };
	}

	/** It goes with what it is in. */
	release(): void {}

	/** Nothing that would have to be waited for can be waited for in the server's own thread. */
	#atOnce(result: unknown, method: string): unknown {
		if (!(result instanceof Promise)) return result;
		result.catch(() => {});
		throw this.#server.wouldBlock(`${this.#entry.type.typeid}.${method}Sync`);
	}
}
