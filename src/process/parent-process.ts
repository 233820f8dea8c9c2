/**
 * A child's view of the process that started it. A child that does not look is killed with its parent; one that waits
 * for its parent's end sees it, and has a moment to tidy up.
 */
import { afterFork } from '../base/after-fork.ts';
import { Deadline, type WaitOptions } from '../base/deadline.ts';
import { within } from '../base/within.ts';
import type { ParentWatch } from '../os/contract.ts';
import { platform } from '../os/platform.ts';
import { describeProcess, showAsText } from './describe.ts';
import { type ParentRecord, self } from './self.ts';

/** How long a child that saw its parent's end may live on, in milliseconds: an orphan must be gone within two seconds. */
const GRACE = 1500;

export class ParentProcess {
	readonly #record: ParentRecord;
	#watch: ParentWatch | undefined;
	#waiting = 0;
	/** Its end has been seen. It closes its descriptors a moment before the system counts it as dead. */
	#ended = false;

	constructor(record: ParentRecord) {
		this.#record = record;
	}

	get name(): string {
		return this.#record.name;
	}

	get pid(): number {
		return this.#record.identity.pid;
	}

	isAlive(): boolean {
		// A process with permissions cannot look at others; it is its parent's own child, and would be somebody else's.
		if (process.permission !== undefined) return process.ppid === this.pid;
		return !this.#ended && platform.isAlive(this.#record.identity);
	}

	/**
	 * Waits for the parent's end: `true` once it is gone, `false` when `timeout` ms are over. From the first call on this
	 * process is not killed at once with its parent, but 1.5 s later.
	 */
	async join(timeout?: WaitOptions): Promise<boolean> {
		const deadline = Deadline.from(timeout, 'join');
		const watch = this.#watching();
		this.#waiting += 1;
		watch.ref();
		try {
			return (
				(await within(
					watch.gone.then(() => this.#note(true)),
					deadline,
				)) ?? false
			);
		} finally {
			this.#waiting -= 1;
			if (this.#waiting === 0) watch.unref();
		}
	}

	/** The same, blocking this thread. */
	joinSync(timeout?: number): boolean {
		const deadline = Deadline.from(timeout, 'joinSync');
		return this.#note(this.#watching().waitSync(Math.max(0, deadline.remaining)));
	}

	/** An integer that `wait()` takes; ready once the parent is gone. Has the same effect as `join()`. */
	get sentinel(): number {
		return this.#watching().sentinel;
	}

	toString(): string {
		const { name, pid } = this;
		const state = this.isAlive() ? 'started' : 'stopped';
		return describeProcess({
			className: 'ParentProcess',
			name,
			pid,
			parent: null,
			state,
			exitCode: null,
			daemon: false,
		});
	}

	#note(ended: boolean): boolean {
		this.#ended ||= ended;
		return ended;
	}

	#watching(): ParentWatch {
		this.#watch ??= platform.watchParent(this.#record.lifeline, GRACE);
		return this.#watch;
	}
}

showAsText(ParentProcess.prototype);

let parent: ParentProcess | undefined;

afterFork(
	() => {
		parent = undefined;
	},
	() => parent !== undefined,
);

/** The process that started this one; `null` in the program itself. */
export function parentProcess(): ParentProcess | null {
	if (self.parent === null) return null;
	parent ??= new ParentProcess(self.parent);
	return parent;
}
