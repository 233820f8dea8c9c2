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
import { now } from '../base/deadline.ts';
import { UnpicklingError } from '../base/errors.ts';
import { Block } from '../memory/block.ts';
import { PendingHolds } from '../memory/family.ts';
import type { BlockReference } from '../memory/heap.ts';
import { BLOCK, BLOCK_KIND } from '../memory/layout.ts';
import { platform } from '../os/platform.ts';
import type { Destination } from '../wire/handoff.ts';

const PID: number = BLOCK.body;
const FD: number = PID + 1;
const TAKEN: number = FD + 1;
const BODY_BYTES = 12;
/**
 * Milliseconds until the first look at whether one has been taken, and the most between two: as long as it is open here,
 * its other side is not told that the receiver has closed it.
 */
const FIRST_LOOK = 5;
const LONGEST_PAUSE = 160;

/** What a message holds that has not been published yet; `undefined`: it has been. */
type Unpublished = WeakRef<PendingHolds> | undefined;

/** Duplicates that wait to be taken. */
class Outbound {
	readonly #waiting = new Map<Block, readonly [fd: number, message: Unpublished]>();
	#timer: NodeJS.Timeout | undefined;
	/** Before the look that the timer is set for. */
	#pause = 0;
	/** When it is to be found out again whether anybody is left who could come for them. */
	#thoroughAt = 0;

	add(block: Block, fd: number, message: Unpublished): void {
		this.#closeWhere(isTaken);
		this.#waiting.set(block, [fd, message]);
		if (this.#timer === undefined || this.#pause > FIRST_LOOK) this.#lookIn(FIRST_LOOK);
	}

	/** In a forked child: they wait for their receivers in the parent. */
	get isEmpty(): boolean {
		return this.#waiting.size === 0;
	}

	renew(): void {
		for (const [fd] of this.#waiting.values()) platform.closeDescriptor(fd);
		this.#waiting.clear();
		this.#timer = undefined;
	}

	#lookIn(pause: number): void {
		clearTimeout(this.#timer);
		this.#pause = pause;
		this.#timer = setTimeout(() => this.#look(), pause).unref();
	}

	#look(): void {
		this.#timer = undefined;
		this.#closeWhere(isTaken);
		if (now() >= this.#thoroughAt) {
			this.#closeWhere((block, message) => message?.deref()?.isPending !== true && !block.isHeldByOthers());
			this.#thoroughAt = now() + LONGEST_PAUSE;
		}
		if (this.#waiting.size > 0) this.#lookIn(Math.min(this.#pause * 2, LONGEST_PAUSE));
	}

	#closeWhere(isOver: (block: Block, message: Unpublished) => boolean): void {
		for (const [block, [fd, message]] of this.#waiting) {
			if (!isOver(block, message)) continue;
			this.#waiting.delete(block);
			platform.closeDescriptor(fd);
			block.release();
		}
	}
}

function isTaken({ words }: Block): boolean {
	return words.load(TAKEN) === 1;
}

const outbound = new Outbound();

afterFork(
	() => outbound.renew(),
	() => !outbound.isEmpty,
);

/** Makes a descriptor ready to be taken by whoever `destination` is. */
export function sendDescriptor(fd: number, destination: Destination): BlockReference {
	const duplicate = platform.duplicate(fd);
	const block = Block.create(BODY_BYTES, BLOCK_KIND.descriptor);
	block.words.store(PID, process.pid);
	block.words.store(FD, duplicate);
	block.holdFor(destination);
	outbound.add(block, duplicate, destination instanceof PendingHolds ? new WeakRef(destination) : undefined);
	return block.toReference();
}

/** A descriptor of this process for the one that was sent. */
export function takeDescriptor(reference: BlockReference, what: string): number {
	const block = Block.attach(reference, what, BLOCK_KIND.descriptor, BODY_BYTES);
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
