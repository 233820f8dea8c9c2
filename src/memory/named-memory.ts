/**
 * Memory with a name as a `SharedMemory` has it: created or attached to, and unlinked. The system's errors become ours here.
 */
import { getSystemErrorName } from 'node:util';
import { afterFork } from '../base/after-fork.ts';
import { ProcessError, rangeError, typeError } from '../base/errors.ts';
import type { NamedSegment } from '../os/contract.ts';
import { platform } from '../os/platform.ts';
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

/** A name and what is behind it. */
export interface NamedMemory {
	readonly name: string;
	readonly segment: NamedSegment;
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
function checkName(name: string): void {
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
	if (wrong === undefined) return;
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

	get hasSome(): boolean {
		return this.#bytes.length > 0;
	}

	/** In a forked child: these are its parent's. */
	renew(): void {
		this.#bytes = Buffer.alloc(0);
	}
}

const randomNames = new RandomNames();

afterFork(
	() => randomNames.renew(),
	() => randomNames.hasSome,
);

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

function createNameless(size: number, track: boolean): NamedMemory {
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

/** What the options of `new SharedMemory` say. */
export function openNamedMemory(options: unknown): NamedMemory {
	checkOptions(options);
	const { name, create: isNew = false, size, track = true } = options;
	if (size !== undefined && size < 0) throw rangeError(`new ${KIND}: size must not be negative, and ${size} is`);
	if (name !== undefined) {
		checkName(name);
		return { name, segment: isNew ? create(name, checkSize(size), track) : attach(name) };
	}
	if (!isNew) throw typeError(`new ${KIND}: without a name there is nothing to attach to; pass one, or create: true`);
	return createNameless(checkSize(size), track);
}

export function unlinkNamedMemory({ name, segment }: NamedMemory): void {
	try {
		platform.removeNamed(name);
	} catch (error) {
		throw failure(`${KIND}.unlink`, name, error);
	}
	new NamedIds(family().arena).remove(segment.id);
}
