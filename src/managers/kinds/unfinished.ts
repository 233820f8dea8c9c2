/**
 * What of a manager's JoinableQueue is not done: as of one of processes (channel/tally.ts), but in one thread, which is told
 * when a client has ended. What that had and was not done with counts as done.
 */
import type { Session } from '../server/session.ts';

export class Unfinished {
	/** In the queue, and not done before they are taken. */
	#queued = 0;
	/** In the queue, and done: the next ones to be taken. */
	#ahead = 0;
	/** Of those who are gone, and not called done by anybody else. */
	#abandoned = 0;
	/** How many each has, and how to have it not told of its end. */
	readonly #taken = new Map<Session, { count: number; readonly forget: () => void }>();
	readonly #onAllDone: () => void;

	constructor(onAllDone: () => void) {
		this.#onAllDone = onAllDone;
	}

	get isAllDone(): boolean {
		return this.#queued === 0 && this.#taken.size === 0;
	}

	put(): void {
		this.#queued += 1;
	}

	takenBy(session: Session): void {
		if (this.#ahead > 0) {
			this.#ahead -= 1;
			return;
		}
		this.#queued -= 1;
		if (session.hasEnded) {
			this.#abandoned += 1;
			this.#look();
			return;
		}
		const had = this.#taken.get(session);
		if (had !== undefined) had.count += 1;
		else this.#taken.set(session, { count: 1, forget: session.onEnd(() => this.#abandon(session)) });
	}

	/** An item is done, of this session if it has one. False: all that were put are. */
	done(session: Session): boolean {
		const holder = this.#taken.has(session) ? session : this.#taken.keys().next().value;
		if (holder !== undefined) this.#lower(holder);
		else if (this.#abandoned > 0) this.#abandoned -= 1;
		else if (this.#queued > 0) {
			this.#queued -= 1;
			this.#ahead += 1;
		} else return false;
		this.#look();
		return true;
	}

	#lower(session: Session): void {
		const had = this.#taken.get(session);
		if (had === undefined) return;
		had.count -= 1;
		if (had.count > 0) return;
		this.#taken.delete(session);
		had.forget();
	}

	#abandon(session: Session): void {
		this.#abandoned += this.#taken.get(session)?.count ?? 0;
		this.#taken.delete(session);
		this.#look();
	}

	#look(): void {
		if (this.isAllDone) this.#onAllDone();
	}
}
