/**
 * One object of a server, and who has a proxy of it:
 *
 * - processes that share memory with the server hold its ticket, a word of shared memory; who holds what there is known
 *   even of those that were killed (memory/holders.ts);
 * - others have attached to it over their connection;
 * - somebody may be about to attach: then it is lent, for a time;
 * - objects of the same server may have it in them, through a proxy.
 */
import { now } from '../../base/deadline.ts';
import { Block } from '../../memory/block.ts';
import { BLOCK_KIND } from '../../memory/layout.ts';
import { type ProxyType, TICKET_BYTES } from '../token.ts';
import type { Kind } from './kind.ts';

/** Milliseconds that an object waits for whoever was sent a proxy of it. */
export const LEASE = 60_000;

export class Entry {
	readonly id: number;
	readonly type: ProxyType;
	readonly kind: Kind;
	readonly referent: unknown;
	/** How many proxies clients from outside have. */
	attached = 0;
	/** What runs on the referent now and wants to be alone with it. */
	busy: Promise<unknown> | undefined;
	#ticket: Block | undefined;
	/** Until when each of those is waited for that somebody was sent. */
	#loans: number[] = [];
	#local: WeakRef<object> | undefined;

	constructor(id: number, type: ProxyType, kind: Kind, referent: unknown) {
		this.id = id;
		this.type = type;
		this.kind = kind;
		this.referent = referent;
	}

	get ticket(): Block {
		this.#ticket ??= Block.create(TICKET_BYTES, BLOCK_KIND.ticket);
		return this.#ticket;
	}

	/** Somebody will attach. */
	lend(): void {
		this.#loans.push(now() + LEASE);
	}

	/** A client from outside has a proxy: one that was on its way, if there was one. */
	attach(): void {
		this.attached += 1;
		this.#loans.shift();
	}

	get #isLent(): boolean {
		while (this.#loans.length > 0 && this.#loans[0]! <= now()) this.#loans.shift();
		return this.#loans.length > 0;
	}

	/** The proxy of it that objects of this server have. */
	local(make: () => object): object {
		const known = this.#local?.deref();
		if (known !== undefined) return known;
		const made = make();
		this.#local = new WeakRef(made);
		return made;
	}

	/** Whether a client has a proxy, or will have. Looks at shared memory. */
	get isWanted(): boolean {
		return this.attached > 0 || this.#isLent || this.#ticket?.isHeldByOthers() === true;
	}

	get hasLocal(): boolean {
		return this.#local?.deref() !== undefined;
	}
}
