/**
 * How far whoever wrote a message is trusted. The family may send anything that can be pickled; another program anything
 * but what is shared; and from a sender with an *allow list* comes data, and what the modules on the list export. For
 * such a message nothing else is loaded, looked up or run: not a closure's source, not a global, not an export of a
 * module that an allowed one happens to hand on as an object.
 */

/** Where bytes come from: a process that shares memory with this one, or another program. */
export type Origin = 'family' | 'outside';

export class Trust {
	readonly origin: Origin;
	/** The modules a message may refer to, by all the names they have (module-registry.ts); `undefined`: any. */
	readonly allowed: ReadonlySet<string> | undefined;

	private constructor(origin: Origin, allowed?: ReadonlySet<string>) {
		this.origin = origin;
		this.allowed = allowed;
	}

	static readonly FAMILY: Trust = new Trust('family');
	static readonly OUTSIDE: Trust = new Trust('outside');

	/** Data, and what the modules with these names export (allow-list.ts makes names of what users write). */
	static only(names: Iterable<string>): Trust {
		return new Trust('outside', new Set(names));
	}

	/** Whether a message may refer to the module with this name. */
	allows(name: string): boolean {
		return this.allowed === undefined || this.allowed.has(name);
	}
}
