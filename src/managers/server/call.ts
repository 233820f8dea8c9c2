/**
 * One call of a client, while it is under way in the server. Methods of our own kinds of objects have it as `this`: those
 * that wait ask it to be told when nobody waits for them any more, and locks who it is that holds them.
 */
import { CancelledError } from '../../base/errors.ts';
import type { Session } from './session.ts';

/** What a call that is called off, or whose client has ended, rejects with inside the server. */
export class CalledOff extends CancelledError {}

export class Call {
	readonly session: Session;
	#onCallOff: (() => void) | undefined;
	#isOff = false;

	constructor(session: Session) {
		this.session = session;
	}

	get isOff(): boolean {
		return this.#isOff;
	}

	/** Has `hook` called if nobody waits for the answer any more; the last one counts. */
	onCallOff(hook: (() => void) | undefined): void {
		this.#onCallOff = hook;
	}

	/** Nobody waits for the answer any more. */
	callOff(): void {
		if (this.#isOff) return;
		this.#isOff = true;
		this.#onCallOff?.();
	}
}
