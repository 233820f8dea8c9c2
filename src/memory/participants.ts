/**
 * Who takes part in the family: one record for each JS thread of each process, in shared memory. An id is given once
 * and never again, so a lock's owner or a waiter recorded long ago is never mistaken for somebody newer; the record of
 * a participant that is gone may have been taken over by another id, which says just that it is gone.
 *
 * A parent reserves the record for a child before it starts it, so that what is on its way to the child already has a
 * holder; the child may be alive for its whole life without touching shared memory, and is still known here.
 */
import { ProcessError } from '../base/errors.ts';
import type { ThreadIdentity } from '../os/contract.ts';
import { platform } from '../os/platform.ts';
import type { Arena } from './arena.ts';
import {
	HEAD,
	PARTICIPANT,
	PARTICIPANT_COUNT,
	PARTICIPANT_NAME_BYTES,
	PARTICIPANT_STATE,
	participantRecord,
} from './layout.ts';

const LOW_32 = 2 ** 32;
/** A mutex has 29 bits for its owner's id. */
const MOST_IDS = 2 ** 29 - 1;

export class Participants {
	readonly #arena: Arena;
	readonly #beforeTakeOver: (dead: number) => boolean;

	/** `beforeTakeOver` is called before the record of a participant that died unnoticed is given to another; false: not now. */
	constructor(arena: Arena, beforeTakeOver: (dead: number) => boolean) {
		this.#arena = arena;
		this.#beforeTakeOver = beforeTakeOver;
	}

	/** Takes a record. Until `bind`, the participant lives as long as `parent` does (0: nobody, it is being bound now). */
	reserve(name: string, parent: number): number {
		for (let tries = 0; tries < PARTICIPANT_COUNT; tries++) {
			const id = ((this.#arena.add(HEAD.nextParticipant, 1) >>> 0) % MOST_IDS) + 1;
			if (this.#take(id)) {
				this.#describe(id, name, parent);
				return id;
			}
		}
		throw new ProcessError(
			`No room for another process: ${PARTICIPANT_COUNT} threads of this family are alive. Join or terminate some first.`,
			{ code: 'ERR_MP_TOO_MANY_PROCESSES' },
		);
	}

	/** Takes over the record of a participant that is gone, or a free one. */
	#take(id: number): boolean {
		const record = participantRecord(id);
		const previous = this.#arena.load(record + PARTICIPANT.id);
		if (previous !== 0 && (this.isAlive(previous) || !this.#beforeTakeOver(previous))) return false;
		return this.#arena.compareExchange(record + PARTICIPANT.id, previous, id) === previous;
	}

	#describe(id: number, name: string, parent: number): void {
		const record = participantRecord(id);
		const bytes = Buffer.from(name).subarray(0, PARTICIPANT_NAME_BYTES);
		this.#arena
			.bytes((record + PARTICIPANT.name) * 4, PARTICIPANT_NAME_BYTES)
			.fill(0)
			.set(bytes);
		this.#arena.store(record + PARTICIPANT.nameLength, bytes.length);
		this.#arena.store(record + PARTICIPANT.parent, parent);
		this.#arena.store(record + PARTICIPANT.bellArmed, 0);
		this.#arena.store(record + PARTICIPANT.bellNumber, -1);
		this.#arena.store(record + PARTICIPANT.waiters, 0);
		this.#arena.store(record + PARTICIPANT.state, PARTICIPANT_STATE.starting);
	}

	/** The participant is the main thread of this process, which its parent has made. */
	locate(id: number, pid: number): void {
		const record = participantRecord(id);
		this.#arena.store(record + PARTICIPANT.pid, pid);
		this.#arena.store(record + PARTICIPANT.tid, pid);
	}

	/** The participant now is this thread. */
	bind(id: number, identity: ThreadIdentity): void {
		const record = participantRecord(id);
		this.#arena.store(record + PARTICIPANT.pid, identity.pid);
		this.#arena.store(record + PARTICIPANT.tid, identity.tid);
		this.#arena.store(record + PARTICIPANT.startTimeLow, (identity.startTime % LOW_32) | 0);
		this.#arena.store(record + PARTICIPANT.startTimeHigh, Math.floor(identity.startTime / LOW_32));
		this.#arena.compareExchange(record + PARTICIPANT.state, PARTICIPANT_STATE.starting, PARTICIPANT_STATE.running);
	}

	/** The participant has let go of everything, or never came to life. */
	end(id: number): void {
		if (this.#arena.load(participantRecord(id) + PARTICIPANT.id) !== id) return;
		this.#arena.store(participantRecord(id) + PARTICIPANT.state, PARTICIPANT_STATE.ended);
	}

	/** Whether it said itself that it has let go of everything. */
	hasEnded(id: number): boolean {
		return (
			!this.hasRecord(id) || this.#arena.load(participantRecord(id) + PARTICIPANT.state) === PARTICIPANT_STATE.ended
		);
	}

	/** Whether it still has its record, dead or alive. */
	hasRecord(id: number): boolean {
		return id > 0 && this.#arena.load(participantRecord(id) + PARTICIPANT.id) === id;
	}

	/** Makes the record free for another. */
	release(id: number): void {
		this.#arena.compareExchange(participantRecord(id) + PARTICIPANT.id, id, 0);
	}

	/** Certain, and not quick (it asks the system): for slow paths. Nobody has an id that was never given. */
	isAlive(id: number): boolean {
		let at = id;
		for (let ancestors = 0; ancestors < PARTICIPANT_COUNT; ancestors++) {
			if (!this.hasRecord(at)) return false;
			const record = participantRecord(at);
			const state = this.#arena.load(record + PARTICIPANT.state);
			if (state === PARTICIPANT_STATE.running) return platform.isAlive(this.identity(at));
			if (state === PARTICIPANT_STATE.ended) return false;
			at = this.#arena.load(record + PARTICIPANT.parent);
			if (at === 0) return true;
		}
		return false; // each is the child of the next, all round: somebody has overwritten it
	}

	identity(id: number): ThreadIdentity {
		const record = participantRecord(id);
		return {
			pid: this.#arena.load(record + PARTICIPANT.pid),
			tid: this.#arena.load(record + PARTICIPANT.tid),
			startTime:
				(this.#arena.load(record + PARTICIPANT.startTimeLow) >>> 0) +
				this.#arena.load(record + PARTICIPANT.startTimeHigh) * LOW_32,
		};
	}

	/** Processes that have been started by others, by the pid of who has started them. */
	children(): ReadonlyMap<number, readonly ThreadIdentity[]> {
		const children = new Map<number, ThreadIdentity[]>();
		for (const id of this.ids()) {
			const record = participantRecord(id);
			const parent = this.#arena.load(record + PARTICIPANT.parent);
			if (parent <= 0 || this.#arena.load(record + PARTICIPANT.state) !== PARTICIPANT_STATE.running) continue;
			const { pid } = this.identity(parent);
			const siblings = children.get(pid) ?? [];
			siblings.push(this.identity(id));
			children.set(pid, siblings);
		}
		return children;
	}

	name(id: number): string {
		const record = participantRecord(id);
		const length = this.#arena.load(record + PARTICIPANT.nameLength);
		return Buffer.from(this.#arena.bytes((record + PARTICIPANT.name) * 4, PARTICIPANT_NAME_BYTES)).toString(
			'utf8',
			0,
			length,
		);
	}

	/** `Process-1`, or `Process-1|Thread-2` for another thread than the main one. */
	fullName(id: number): string {
		const { pid, tid } = this.identity(id);
		if (pid === tid) return this.name(id);
		for (const other of this.ids()) {
			const main = this.identity(other);
			if (main.pid === pid && main.tid === pid && this.isAlive(other)) return `${this.name(other)}|${this.name(id)}`;
		}
		return this.name(id); // its main thread shares nothing
	}

	/** Nobody has had a record from this one on. */
	get usedSlots(): number {
		return Math.min((this.#arena.load(HEAD.nextParticipant) >>> 0) + 1, PARTICIPANT_COUNT);
	}

	/** All ids that have a record now, dead or alive. */
	*ids(): IterableIterator<number> {
		const { usedSlots } = this;
		for (let slot = 0; slot < usedSlots; slot++) {
			const id = this.#arena.load(participantRecord(slot) + PARTICIPANT.id);
			if (id > 0 && id % PARTICIPANT_COUNT === slot) yield id;
		}
	}
}
