/** The end of a forked child that has nothing left to do, as Node would have done it. */
import { platform } from '../../os/platform.ts';

export class ForkedEnd {
	readonly #later: () => void;
	#stopLooking: (() => void) | undefined;
	/** Most targets have returned before the event loop has turned. */
	readonly #firstTurn: NodeJS.Immediate = setImmediate(() => {
		// Nothing may be left that could settle what the target waits for.
		this.#stopLooking = platform.lookForIdleness((isStillIdle) => {
			announceEnd();
			if (isStillIdle()) process.exit();
		});
	});

	/** `later`: ends the process when nothing is left to do, if there still is something once the target has returned. */
	constructor(later: () => void = endWhenIdle) {
		this.#later = later;
	}

	/** The target has returned: from here on the process ends as soon as nothing is left to do. */
	targetReturned(): void {
		clearImmediate(this.#firstTurn);
		this.#stopLooking?.();
		setImmediate(() => {
			if (!platform.isIdleNow()) return this.#later();
			announceEnd();
			setImmediate(() => {
				if (platform.isIdleNow()) process.exit();
				this.#later();
			});
		});
	}
}

function endWhenIdle(): void {
	platform.watchForIdleness((again) => {
		if (again) process.exit();
		announceEnd();
	});
}

/** Whoever listens may give the process something to do again. */
function announceEnd(): void {
	process.emit('beforeExit', Number(process.exitCode ?? 0));
}
