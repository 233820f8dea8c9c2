/**
 * Shared memory with a name, compatible with Python's `multiprocessing.shared_memory`: any program of this machine can
 * attach to it. Made here, it belongs to the family of its maker, which removes it in the end if nobody has; attaching
 * never owns.
 */
import { getSystemErrorName, inspect } from 'node:util';
import { afterFork } from '../base/after-fork.ts';
import { ClosedError, ProcessError, rangeError, typeError } from '../base/errors.ts';
import type { NamedSegment } from '../os/contract.ts';
import { platform } from '../os/platform.ts';
import { type Destination, handoff, registerShared, type Shareable, type SharedReference } from '../wire/handoff.ts';
import { family } from './family.ts';
import { NamedIds } from './named-ids.ts';

const KIND = 'SharedMemory';
const PREFIX = 'psm_';
/** CPython keeps names within the 14 bytes that every system allows. */
const RANDOM_BYTES = 4;
const NAMES_AT_ONCE = 100;

export interface SharedMemoryOptions {
	/** What to attach to; or, with `create`, what to call it. Default: a new random name. */
	readonly name?: string | undefined;
	/** Makes a new one. Default: attaches to the one of that name. */
	readonly create?: boolean | undefined;
	/** Bytes of a new one. */
	readonly size?: number | undefined;
	/** Whether a new one is removed with the last process of this family (the default). Attaching never owns. */
	readonly track?: boolean | undefined;
}

type Checks = Readonly<Record<string, readonly [type: string, expected: string]>>;
const OPTIONS: Checks = {
	name: ['string', 'a string'],
	create: ['boolean', 'true or false'],
	size: ['number', 'a number of bytes'],
	track: ['boolean', 'true or false'],
};

function checkOptions(options: unknown): asserts options is SharedMemoryOptions {
	if (typeof options !== 'object' || options === null) {
		throw typeError(`new ${KIND}: options must be an object {name, create, size, track}`);
	}
	for (const [key, value] of Object.entries(options)) {
		const [type, expected] = OPTIONS[key] ?? [];
		if (type === undefined)
			throw typeError(`new ${KIND}: unknown option "${key}"; there are name, create, size, track`);
		const isRight = value === undefined || typeof value === type;
		if (!isRight) throw typeError(`new ${KIND}: ${key} must be ${expected}, not ${String(value)}`);
	}
}

function checkSize(size: number | undefined): number {
	if (size === undefined) throw rangeError(`new ${KIND}: what is created needs a size in bytes, more than 0`);
	if (Number.isNaN(size) || (Number.isFinite(size) && !Number.isInteger(size))) {
		throw typeError(`new ${KIND}: size must be an integer, not ${size}`);
	}
	if (size > 0 && Number.isSafeInteger(size)) return size;
	throw rangeError(`new ${KIND}: size must be more than 0 bytes, and fit, not ${size}`);
}

/** Names are as in CPython, without the slash that the system has in front of them. */
function checkName(name: string): string {
	const wrong =
		name === '' || name === '.' || name === '..'
			? 'is no name'
			: name.includes('\0')
				? 'contains a NUL'
				: name.includes('/')
					? 'contains a slash'
					: Buffer.byteLength(name) > platform.longestName
						? `has more than ${platform.longestName} bytes`
						: undefined;
	if (wrong === undefined) return name;
	throw rangeError(`new ${KIND}: the name ${JSON.stringify(name.slice(0, 40))} ${wrong}`);
}

const KNOWN_FAILURES: Readonly<Record<string, readonly [code: string, text: string]>> = {
	EEXIST: ['ERR_MP_EXISTS', 'there is one of that name already; attach to it, or choose another name'],
	ENOENT: ['ERR_MP_NOT_FOUND', 'there is none of that name; it was never created, or it was unlinked'],
	ENODATA: ['ERR_MP_NOT_FOUND', 'it is just being created and has no size yet; try again'],
	ENOSPC: ['ERR_MP_MEMORY', 'the system has not that much shared memory; see cause'],
};

/** The system's error for what was tried, as one of ours. */
function failure(call: string, name: string, cause: unknown): ProcessError {
	const { errno, code: given } = cause as NodeJS.ErrnoException;
	const why = errno === undefined ? String(given) : getSystemErrorName(errno);
	const [code, text] = KNOWN_FAILURES[why] ?? ['ERR_MP_SYSTEM', 'the system refused; see cause'];
	const error = new ProcessError(`${call} ${JSON.stringify(name)}: ${why}: ${text}`, { code, cause });
	return Object.assign(error, { errno, syscall: 'shm_open' });
}

/** Names nobody else will think of. Random bytes are asked for by the hundred, because asking costs as much as creating. */
class RandomNames {
	#bytes: Buffer = Buffer.alloc(0);

	next(): string {
		if (this.#bytes.length === 0) {
			this.#bytes = process.getBuiltinModule('node:crypto').randomBytes(RANDOM_BYTES * NAMES_AT_ONCE);
		}
		const name = PREFIX + this.#bytes.toString('hex', 0, RANDOM_BYTES);
		this.#bytes = this.#bytes.subarray(RANDOM_BYTES);
		return name;
	}

	/** In a forked child: these are its parent's. */
	renew(): void {
		this.#bytes = Buffer.alloc(0);
	}
}

const randomNames = new RandomNames();

afterFork(() => randomNames.renew());

function create(name: string, size: number, track: boolean): NamedSegment {
	const ids = track ? new NamedIds(family().arena) : undefined;
	let announced: bigint | undefined;
	try {
		return platform.createNamed(name, size, (id) => {
			ids?.add(id);
			announced = id;
		});
	} catch (error) {
		if (announced !== undefined) ids?.remove(announced);
		throw failure(`new ${KIND}: create`, name, error);
	}
}

function createNameless(size: number, track: boolean): { name: string; segment: NamedSegment } {
	for (;;) {
		const name = randomNames.next();
		try {
			return { name, segment: create(name, size, track) };
		} catch (error) {
			if ((error as ProcessError).code !== 'ERR_MP_EXISTS') throw error;
		}
	}
}

function attach(name: string): NamedSegment {
	try {
		return platform.openNamed(name);
	} catch (error) {
		throw failure(`new ${KIND}: attach to`, name, error);
	}
}

/**
 * Memory that any program on this machine can attach to by name, also one in Python.
 *
 * What is created here lives until `unlink()`, or until the last process of this family is gone, killed or not; then it
 * is removed, with one warning on stderr if anyone is left to give it. With `{track: false}` only `unlink()` removes it.
 *
 * @example
 * ```js
 * using memory = new mp.SharedMemory({ create: true, size: 1024 });
 * memory.buf[0] = 42;
 * // elsewhere: new mp.SharedMemory({ name: memory.name }).buf[0]
 * memory.unlink();
 * ```
 */
export class SharedMemory implements Shareable {
	readonly #name: string;
	readonly #segment: NamedSegment;
	#isOpen = true;
	#bytes: Uint8Array | undefined;

	/**
	 * @throws TypeError for options of a wrong type
	 * @throws RangeError for a name with NUL or slash, one that is too long, or a size that is not more than 0
	 * @throws ProcessError `ERR_MP_EXISTS` when there is one of the name, `ERR_MP_NOT_FOUND` when there is none to attach to
	 */
	constructor(options: SharedMemoryOptions) {
		checkOptions(options);
		const { name, create: isNew = false, size, track = true } = options;
		if (size !== undefined && size < 0) throw rangeError(`new ${KIND}: size must not be negative, and ${size} is`);
		if (name !== undefined) {
			this.#name = checkName(name);
			this.#segment = isNew ? create(name, checkSize(size), track) : attach(name);
			return;
		}
		if (!isNew) throw typeError(`new ${KIND}: without a name there is nothing to attach to; pass one, or create: true`);
		const made = createNameless(checkSize(size), track);
		this.#name = made.name;
		this.#segment = made.segment;
	}

	/** The memory itself. `ClosedError` after `close`. */
	get buf(): Uint8Array {
		if (!this.#isOpen) throw new ClosedError(`The shared memory ${JSON.stringify(this.#name)} was closed here.`);
		this.#bytes ??= new Uint8Array(this.#segment.view());
		return this.#bytes;
	}

	/** Under which others attach to it. */
	get name(): string {
		return this.#name;
	}

	/** In bytes. */
	get size(): number {
		return this.#segment.size;
	}

	/** Whether it has not been closed in this process. */
	get isOpen(): boolean {
		return this.#isOpen;
	}

	/** Lets go of it in this process. Views that were taken read zeros from now on, and what is written to them reaches nobody. */
	close(): void {
		if (!this.#isOpen) return;
		this.#isOpen = false;
		this.#bytes = undefined;
		this.#segment.cutOff();
	}

	/**
	 * Takes its name away: nobody can attach any more, and the memory is freed with the last who has it open.
	 *
	 * @throws ProcessError `ERR_MP_NOT_FOUND` when that was done before
	 */
	unlink(): void {
		try {
			platform.removeNamed(this.#name);
		} catch (error) {
			throw failure(`${KIND}.unlink`, this.#name, error);
		}
		new NamedIds(family().arena).remove(this.#segment.id);
	}

	[Symbol.dispose](): void {
		this.close();
	}

	[handoff](_destination: Destination): SharedReference {
		return { kind: KIND, data: this.#name };
	}

	[inspect.custom](): string {
		return `SharedMemory('${this.#name}', size=${this.size})`;
	}
}

registerShared<string>(KIND, (name) => new SharedMemory({ name }));
