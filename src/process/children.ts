/**
 * The children of this process that have been started and not been seen to end, and what becomes of them when this
 * process ends: daemons are terminated, the others waited for. A process is not reaped here: its own `exited` is the one
 * place where an end is noticed.
 */

import { afterFork } from '../base/after-fork.ts';
import { now } from '../base/deadline.ts';
import { exitSequence } from './exit.ts';
import { log } from './log.ts';

/** What is asked of a child at the end. */
export interface RunningChild {
	readonly name: string;
	readonly daemon: boolean;
	/** Whether it has ended is looked up, not remembered. */
	isRunning(): boolean;
	signal(signal: NodeJS.Signals): void;
	/** Blocks. Whether it has ended. */
	awaitEnd(timeout: number): boolean;
	/** Once it has ended: so that no zombie is left for a system whose first process does not look after them. */
	bury(): void;
}

/** How long a daemon may take over SIGTERM, in milliseconds. Together, not each. */
const TERMINATION_GRACE = 1000;

class Children<Handle extends object> {
	readonly #running = new Map<RunningChild, Handle>();

	add(child: RunningChild, handle: Handle): void {
		exitSequence.define('terminateDaemons', () => this.#terminateDaemons());
		exitSequence.define('joinOthers', () => this.#joinOthers());
		exitSequence.waitsWhen(() => this.#hasOthers());
		this.#running.set(child, handle);
	}

	delete(child: RunningChild): void {
		this.#running.delete(child);
	}

	get isEmpty(): boolean {
		return this.#running.size === 0;
	}

	/** In a forked child: they are its parent's. */
	disown(): void {
		this.#running.clear();
	}

	/** The public objects of those that run. */
	handles(): Handle[] {
		return [...this.#running].filter(([child]) => child.isRunning()).map(([, handle]) => handle);
	}

	/** SIGTERM to all daemons, then SIGKILL to those that do not take it. */
	#terminateDaemons(): void {
		const daemons = [...this.#running.keys()].filter((child) => child.daemon && child.isRunning());
		for (const daemon of daemons) {
			log('info', `calling terminate() for daemon ${daemon.name}`);
			daemon.signal('SIGTERM');
		}
		const end = now() + TERMINATION_GRACE;
		for (const daemon of daemons) {
			if (daemon.awaitEnd(Math.max(0, end - now()))) continue;
			daemon.signal('SIGKILL');
			daemon.awaitEnd(Number.POSITIVE_INFINITY);
		}
	}

	/** Blocks until all others have ended. All are buried then. */
	#joinOthers(): void {
		for (const child of this.#running.keys()) {
			if (!child.daemon) {
				log('info', `calling join() for process ${child.name}`);
				child.awaitEnd(Number.POSITIVE_INFINITY);
			}
			child.bury();
		}
	}

	#hasOthers(): boolean {
		return [...this.#running.keys()].some((child) => !child.daemon && child.isRunning());
	}
}

/** This thread's. */
export const children: Children<object> = new Children();

afterFork(
	() => children.disown(),
	() => !children.isEmpty,
);
