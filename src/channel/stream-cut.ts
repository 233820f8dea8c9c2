/**
 * A streamed message that will not be completed: the place where it stops is marked, and the reader drops what it has of
 * it (see ring-layout.ts). Done by the writer that gives it up; by the next one that gets a dead writer's mutex; and, as
 * there may be none for ever, by a reader that waits for the rest.
 */
import type { Ring } from './ring.ts';
import { RING } from './ring-layout.ts';

/** The message that is half in the ring will not be completed. With the write mutex held. */
export function cutStream(ring: Ring): void {
	const { words } = ring;
	words.store(RING.cutAt, words.load(RING.head));
	words.store(RING.cut, 1);
	words.store(RING.streaming, 0);
	ring.data.notifyAll();
}

/** The write mutex has just been acquired: what its last owner has left half written, by dying, is cut. */
export function cutLeftStream(ring: Ring): void {
	if (ring.words.load(RING.streaming) === 1) cutStream(ring);
}

/** Cuts the message that is being streamed, if its writer is dead. One load when none is. */
export function cutDeadStream(ring: Ring): void {
	if (ring.words.load(RING.streaming) === 0) return;
	ring.writeMutex.lookAfter(0);
	// Its writer lives; or another one has the mutex now, and has done the same.
	if (!ring.writeMutex.tryAcquire()) return;
	cutLeftStream(ring);
	ring.writeMutex.release();
}
