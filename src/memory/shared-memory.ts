/**
 * Shared memory with a name, compatible with Python's `multiprocessing.shared_memory`: any program of this machine can
 * attach to it. Made here, it belongs to the family of its maker, which removes it in the end if nobody has; attaching
 * never owns.
 */
import { inspect } from 'node:util';
import { ClosedError } from '../base/errors.ts';
import { type Destination, handoff, registerShared, type Shareable, type SharedReference } from '../wire/handoff.ts';
import { type NamedMemory, openNamedMemory, type SharedMemoryOptions, unlinkNamedMemory } from './named-memory.ts';

const KIND = 'SharedMemory';

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
	readonly #memory: NamedMemory;
	#isOpen = true;
	#bytes: Uint8Array | undefined;

	/**
	 * @throws TypeError for options of a wrong type
	 * @throws RangeError for a name with NUL or slash, one that is too long, or a size that is not more than 0
	 * @throws ProcessError `ERR_MP_EXISTS` when there is one of the name, `ERR_MP_NOT_FOUND` when there is none to attach to
	 */
	constructor(options: SharedMemoryOptions) {
		this.#memory = openNamedMemory(options);
	}

	/** The memory itself. `ClosedError` after `close`. */
	get buf(): Uint8Array {
		if (!this.#isOpen) throw new ClosedError(`The shared memory ${JSON.stringify(this.name)} was closed here.`);
		this.#bytes ??= new Uint8Array(this.#memory.segment.view());
		return this.#bytes;
	}

	/** Under which others attach to it. */
	get name(): string {
		return this.#memory.name;
	}

	/** In bytes. */
	get size(): number {
		return this.#memory.segment.size;
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
		this.#memory.segment.cutOff();
	}

	/**
	 * Takes its name away: nobody can attach any more, and the memory is freed with the last who has it open.
	 *
	 * @throws ProcessError `ERR_MP_NOT_FOUND` when that was done before
	 */
	unlink(): void {
		unlinkNamedMemory(this.#memory);
	}

	[Symbol.dispose](): void {
		this.close();
	}

	[handoff](_destination: Destination): SharedReference {
		return { kind: KIND, data: this.name };
	}

	[inspect.custom](): string {
		return `SharedMemory('${this.name}', size=${this.size})`;
	}
}

registerShared<string>(KIND, (name) => new SharedMemory({ name }));
