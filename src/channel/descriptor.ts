/**
 * An open file or socket on its way to another process. Its sender keeps a duplicate open and says in a block of shared
 * memory which; the receiver takes it from there (`Platform.duplicateFrom`) and says that it has. The sender looks for
 * that now and then, and closes the duplicate also when nobody is left who could come for it.
 *
 * ```
 *  word of the body   0     1      2
 *                   +-----+------+-------+
 *                   | pid | fd   | taken |
 *                   +-----+------+-------+
 * ```
 *
 * The sender must live until the receiver has taken it; what arrives shares position and state with what was sent, as
 * after dup(2). In a message that nobody takes out of its pipe it is kept until the sender closes its end, also when the
 * receiver has died: that is when the message is gone.
 */
import { afterFork } from '../base/after-fork.ts';
import { UnpicklingError } from '../base/errors.ts';
import { Block } from '../memory/block.ts';
import type { BlockReference } from '../memory/heap.ts';
import { BLOCK, BLOCK_KIND } from '../memory/layout.ts';
import { platform } from '../os/platform.ts';
import type { Destination } from '../wire/handoff.ts';

const PID: number = BLOCK.body;
const FD: number = PID + 1;
const TAKEN: number = FD + 1;
const BODY_BYTES = 12;
/** Milliseconds between two looks at what has been taken. */
const LOOK_AGAIN = 200;

/** Duplicates that wait to be taken. */
class Outbound {
	readonly #waiting = new Map<Block, number>();
	#timer: NodeJS.Timeout | undefined;

	add(block: Block, fd: number): void {
		this.#waiting.set(block, fd);
		this.#timer ??= setInterval(() => this.#look(), LOOK_AGAIN).unref();
	}

	/** In a forked child: they wait for their receivers in the parent. */
	renew(): void {
		for (const fd of this.#waiting.values()) platform.closeDescriptor(fd);
		this.#waiting.clear();
		this.#timer = undefined;
	}

	#look(): void {
		for (const [block, fd] of this.#waiting) if (this.#isOver(block)) this.#close(block, fd);
		if (this.#waiting.size > 0) return;
		clearInterval(this.#timer);
		this.#timer = undefined;
	}

	#isOver(block: Block): boolean {
		return block.words.load(TAKEN) === 1 || !block.isHeldByOthers();
	}

	#close(block: Block, fd: number): void {
		this.#waiting.delete(block);
		platform.closeDescriptor(fd);
		block.release();
	}
}

const outbound = new Outbound();

afterFork(() => outbound.renew());

/** Makes a descriptor ready to be taken by whoever `destination` is. */
export function sendDescriptor(fd: number, destination: Destination): BlockReference {
	const duplicate = platform.duplicate(fd);
	const block = Block.create(BODY_BYTES, BLOCK_KIND.descriptor);
	block.words.store(PID, process.pid);
	block.words.store(FD, duplicate);
	block.holdFor(destination);
	outbound.add(block, duplicate);
	return block.toReference();
}

/** A descriptor of this process for the one that was sent. */
export function takeDescriptor(reference: BlockReference, what: string): number {
	const block = Block.attach(reference, what);
	try {
		const fd = platform.duplicateFrom(block.words.load(PID), block.words.load(FD));
		block.words.store(TAKEN, 1);
		return fd;
	} catch (cause) {
		throw new UnpicklingError(
			`This ${what} cannot be taken over: the process that sent it has ended, or the system does not allow it (see cause). Keep the sender alive until it has arrived.`,
			{ cause },
		);
	} finally {
		if (block.words.load(PID) !== process.pid) block.release();
	}
}
