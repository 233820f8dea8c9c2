/** The end of a forked child that has nothing left to do, as Node would have done it. */
import { realTimers } from '../../base/timers.ts';
import { leave } from '../../os/leave.ts';
import { platform } from '../../os/platform.ts';

const { clearImmediate, setImmediate } = realTimers;

export class ForkedEnd {
	readonly #later: () => void;
	#stopLooking: (() => void) | undefined;
	#firstTurn: NodeJS.Immediate | undefined;

	readonly #isIdle: () => boolean;

	/**
	 * @param later ends the process when nothing is left to do, if there still is something once the target has returned
	 * @param isIdle whether there is nothing
	 */
	constructor(later: () => void = endWhenIdle, isIdle: () => boolean = platform.isIdleNow) {
		this.#later = later;
		this.#isIdle = isIdle;
	}

	/** The target, or what loads it, is waited for: nothing may be left that could settle that. */
	waits(): void {
		// Most have it settled before the event loop has turned.
		this.#firstTurn = setImmediate(() => {
			this.#stopLooking = platform.lookForIdleness((isStillIdle) => {
				announceEnd();
				if (isStillIdle()) process.exit();
			});
		});
	}

	/** The target has done everything: from here on the process ends as soon as nothing is left to do. */
	targetReturned(): void {
		clearImmediate(this.#firstTurn);
		this.#stopLooking?.();
		setImmediate(() => this.#look());
	}

	/**
	 * The same of a target that has only been called, from an immediate. Most have nothing left to do: then the event loop
	 * need not turn, which alone would take such a child longer than all the rest.
	 */
	targetCalled(): void {
		let isDone = false;
		try {
			internals._tickCallback();
			isDone = true;
		} finally {
			// What they throw is uncaught, and may be handled.
			if (!isDone) setImmediate(() => this.#look());
		}
		this.#look();
	}

	#look(): void {
		if (!this.#isIdle()) {
			this.#later();
			return;
		}
		announceEnd();
		internals._tickCallback();
		if (this.#isIdle()) endNow();
		this.#later();
	}
}

/** What `process.exit()` does, less what it does first for Node. */
function endNow(): never {
	internals._exiting = true;
	process.emit('exit', exitCode());
	return leave(exitCode());
}

/** In the parent: what is set when a process ends. */
export function rehearseEnding(): void {
	internals._exiting = Boolean(internals._exiting);
	exitCode();
}

interface NodeInternals {
	_exiting: boolean;
	/** Calls what `process.nextTick` and promises have put off. */
	_tickCallback(): void;
}

const internals = process as unknown as NodeInternals;

function endWhenIdle(): void {
	platform.watchForIdleness((again) => {
		if (again) process.exit();
		announceEnd();
	});
}

/** Whoever listens may give the process something to do again. */
function announceEnd(): void {
	process.emit('beforeExit', exitCode());
}

function exitCode(): number {
	return Number(process.exitCode ?? 0);
}
