/** All objects of a server, by their numbers. What nobody has a proxy of any more is found by looking, a few at a time. */

import type { ProxyType } from '../token.ts';
import { Entry } from './entry.ts';
import type { Kind } from './kind.ts';

/** Objects that are looked at in one go, and the milliseconds between two. */
const AT_A_TIME = 512;
const PAUSE = 500;

export class Objects {
	readonly #wanted = new Map<number, Entry>();
	/** Those that only objects of this server have: they go with these. */
	readonly #inner = new Map<number, WeakRef<Entry>>();
	#next = 1;
	#cursor: MapIterator<Entry> | undefined;
	readonly #timer: NodeJS.Timeout;

	constructor() {
		this.#timer = setInterval(() => this.sweep(), PAUSE).unref();
	}

	add(type: ProxyType, kind: Kind, referent: unknown): Entry {
		const entry = new Entry(this.#next++, type, kind, referent);
		this.#wanted.set(entry.id, entry);
		return entry;
	}

	find(id: number): Entry | undefined {
		return this.#wanted.get(id) ?? this.#inner.get(id)?.deref();
	}

	/** Clients will have a proxy again. */
	want(entry: Entry): void {
		this.#inner.delete(entry.id);
		this.#wanted.set(entry.id, entry);
	}

	/** Lets go of some of those that no client has a proxy of. */
	sweep(): void {
		this.#cursor ??= this.#wanted.values();
		for (let i = 0; i < AT_A_TIME; i++) {
			const { value, done } = this.#cursor.next();
			if (done === true) {
				this.#cursor = undefined;
				this.#forgetInner();
				return;
			}
			if (value.isWanted) continue;
			this.#wanted.delete(value.id);
			if (value.hasLocal) this.#inner.set(value.id, new WeakRef(value));
		}
	}

	#forgetInner(): void {
		for (const [id, entry] of this.#inner) if (entry.deref() === undefined) this.#inner.delete(id);
	}

	close(): void {
		clearInterval(this.#timer);
		this.#wanted.clear();
	}
}
