/** What the parts of the decoder see of it: bytes, values, and the objects that later references will name. */
import { UnpicklingError } from '../base/errors.ts';
import { ByteReader } from './byte-reader.ts';
import { moduleLabel, modules } from './module-registry.ts';
import { Trust } from './trust.ts';

/** A number that has been given to a value which is still being read. */
export const PENDING: unique symbol = Symbol('still being read');
/** The same, of an instance: a reference to it may be answered before its class is known. */
export const PENDING_INSTANCE: unique symbol = Symbol('instance still being read');

export const NO_MODULES: readonly string[] = [];
export const NO_FAILURES: ReadonlyMap<string, unknown> = new Map();

export abstract class ValueReader extends ByteReader {
	/** The objects of this message, in the order in which they began: so many as are noted. What is behind them is old. */
	references: unknown[] = [];
	noted = 0;
	moduleNames: readonly string[] = NO_MODULES;
	/** Modules that could not be imported before the decoding began, and why. */
	importFailures: ReadonlyMap<string, unknown> = NO_FAILURES;
	/** How far whoever wrote the message is trusted. */
	trust: Trust = Trust.FAMILY;

	abstract read(): unknown;

	/** Reads a built-in value whose number is `slot`. */
	abstract content(slot: number): object;

	/** Reads the keys of an object, whose values follow. */
	abstract shapeKeys(kind: number): readonly string[];

	/** Reads a value that the format wants to be a string. */
	string(): string {
		const value = this.read();
		if (typeof value !== 'string') this.damaged('a string is missing');
		return value;
	}

	strings(): string[] {
		const list: string[] = [];
		for (let left = this.count(); left > 0; left--) list.push(this.string());
		return list;
	}

	/** Takes the next number, for a value that does not exist yet. */
	reserve(pending: symbol = PENDING): number {
		this.note(pending);
		return this.noted - 1;
	}

	/** Gives an object the next number. */
	note(object: unknown): void {
		this.references[this.noted++] = object;
	}

	/** The value that `slot` is for from now on. */
	settle<T>(slot: number, value: T): T {
		this.references[slot] = value;
		return value;
	}

	reference(): unknown {
		const slot = this.varint();
		if (slot >= this.noted) this.damaged('a reference points nowhere');
		const value = this.references[slot];
		if (value === PENDING_INSTANCE) return this.settle(slot, {});
		if (value !== PENDING) return value;
		throw new UnpicklingError(
			'Cannot unpickle: a value is needed to rebuild itself (a cycle through [mp.reduce]() or a class’s own base); break the cycle',
		);
	}

	/** A module of this message's list, by its number. */
	moduleName(): string {
		const name = this.moduleNames[this.varint()];
		if (name === undefined) this.damaged('a module is missing');
		return name;
	}

	/** What lies at `path` in a module. */
	member(name: string, path: readonly string[]): unknown {
		let value: unknown = loadModule(name, path, this.importFailures);
		for (const key of path) {
			value = value === null || value === undefined ? undefined : (value as Record<string, unknown>)[key];
			if (value === undefined) missingExport(name, path);
		}
		return value;
	}
}

function missingExport(name: string, path: readonly string[]): never {
	const label = moduleLabel(name);
	throw new UnpicklingError(
		`Cannot unpickle: ${label} has no export ${path.join('.')}; it must be the same module on both sides, and be loaded completely`,
	);
}

function loadModule(name: string, path: readonly string[], failures: ReadonlyMap<string, unknown>): unknown {
	try {
		if (failures.has(name)) throw failures.get(name);
		return modules.load(name);
	} catch (cause) {
		const what = path.length === 0 ? 'the module' : `the export ${path.join('.')} of`;
		const code = (cause as { code?: unknown } | null)?.code;
		const advice =
			code === 'ERR_REQUIRE_ASYNC_MODULE'
				? 'it has a top-level await: receive with the asynchronous form (recv, get, loadsAsync), which can wait for it; once that has happened, this form can, too'
				: 'it could not be loaded (see cause)';
		throw new UnpicklingError(`Cannot unpickle ${what} ${moduleLabel(name)}: ${advice}`, { cause });
	}
}
