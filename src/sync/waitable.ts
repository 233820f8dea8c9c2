/** What `wait()` can wait for, as it sees it: objects say how (`[waitable]`). */
import type { WaitOptions } from '../base/deadline.ts';
import type { Signal } from './signal.ts';
import type { Ready } from './waiting.ts';

/** The key of the method every such object has. */
export const waitable: unique symbol = Symbol.for('polyproc.waitable') as never;

export interface WaitTarget {
	/** Whether it is ready now. Must not throw. */
	readonly ready: Ready;
	/** Notified when it may have become ready; */
	readonly signal?: Signal;
	/** or: an integer that is ready for a blocked thread when it is, */
	readonly sentinel?: number;
	/** and what to do for the event loop: calls back once it is, until the returned function is called. */
	watch?(callback: () => void): () => void;
	/** What makes it ready reaches its owner in a turn of the event loop; one is to be taken before telling that it is. */
	readonly needsTurn?: boolean;
}

export interface Waitable {
	[waitable](): WaitTarget;
}

/** The key of what objects have that are somewhere else: they are waited for there, together, and not with others. */
export const waitedForElsewhere: unique symbol = Symbol.for('polyproc.waitedForElsewhere') as never;

/** Waits there for such objects; the indices of those that are ready. */
export interface Elsewhere {
	wait(objects: readonly object[], options: WaitOptions | undefined): Promise<number[]>;
	waitSync(objects: readonly object[], options: WaitOptions | undefined): number[];
}
