/**
 * How this thread waits and wakes others. A synchronous wait parks the thread on its waiter's `state` word. An
 * asynchronous one leaves a callback here: whoever changes the waiter's state rings this thread's doorbell, and all
 * callbacks whose waiter has changed are called. A thread is rung only while it is *armed*, which it is whenever it may
 * sleep in its event loop with waits pending.
 *
 * Because the process that should wake us may be killed before it does, every wait is also looked after on a tick; and
 * at once when somebody, usually the parent of the process that was killed, has noticed its death (`stirAll`).
 */
import { afterFork } from '../base/after-fork.ts';
import { type Deadline, machineTime } from '../base/deadline.ts';
import { type Family, family, onParticipantGone } from '../memory/family.ts';
import { BLOCK, BLOCK_KIND, HEAD, PARTICIPANT, participantRecord } from '../memory/layout.ts';
import type { Doorbell, ParkResult } from '../os/contract.ts';
import { platform } from '../os/platform.ts';
import { QUEUE_WORDS, WaitQueue } from './wait-queue.ts';
import { WAITER, WAITER_MODE, WAITER_STATE, type WaitWorld } from './waiter.ts';
import { WaiterPages } from './waiter-pages.ts';

/** How long a wait goes on before its object is looked after, in milliseconds. */
export const TICK = 200;

/** What the word of a thread's doorbell says. */
const BELL = {
	/** Rung, or not there: no need to ring. */
	rung: 0,
	/** To be rung for each change. */
	armed: 1,
	/** Rung, and everything is to be looked after. */
	stirred: 2,
} as const;

/** Ticks that a doorbell stays open at which nobody waits. */
const IDLE_TICKS = 2;

/** Kinds of blocks that have queues of waiters in them. */
const WAITED_FOR: ReadonlySet<number> = new Set([
	BLOCK_KIND.mutex,
	BLOCK_KIND.pipe,
	BLOCK_KIND.semaphore,
	BLOCK_KIND.event,
	BLOCK_KIND.condition,
	BLOCK_KIND.barrier,
	BLOCK_KIND.queue,
]);

const SPINNING_ROUNDS = 32;
const YIELDING_ROUNDS = 256;
const NAP = 0.1;

/** What an asynchronous wait does when its waiter's state has changed, and now and then. */
export interface AsyncWait {
	onWake(): void;
	onTick(): void;
}

export class ThreadWaits implements WaitWorld {
	readonly family: Family;
	readonly #pending = new Map<number, AsyncWait>();
	#pages: WaiterPages;
	#record: number;
	#doorbell: Doorbell | undefined;
	#ticker: NodeJS.Timeout | undefined;
	#idleTicks = 0;
	#selfScan = false;

	constructor(owner: Family) {
		this.family = owner;
		this.#pages = new WaiterPages(owner);
		this.#record = participantRecord(owner.me);
		owner.onLeave(() => {
			this.unlinkAll(this.me);
			if (this.#doorbell !== undefined) this.#close();
		});
	}

	/** In a forked child: what the parent's thread waits for is no business of this one. */
	renew(): void {
		this.#pages = new WaiterPages(this.family);
		this.#record = participantRecord(this.family.me);
		this.#pending.clear();
		this.#selfScan = false;
		if (this.#doorbell === undefined) return;
		clearInterval(this.#ticker);
		this.#doorbell.close();
		this.#doorbell = undefined;
	}

	// --- the world of the algorithms ---

	get me(): number {
		return this.family.me;
	}

	isAlive(participant: number): boolean {
		return this.family.isAlive(participant);
	}

	pause(round: number): void {
		if (round < SPINNING_ROUNDS) return;
		if (round < YIELDING_ROUNDS) platform.yield();
		else platform.park(this.family.arena.addressOf(this.#pages.stillWord), 0, NAP);
	}

	wake(record: number): boolean {
		const arena = this.family.arena;
		arena.store(record + WAITER.wokenAt, machineTime());
		if (arena.load(record + WAITER.mode) === WAITER_MODE.sync) {
			platform.unpark(arena.addressOf(record + WAITER.state), 1);
			return true; // it may not sleep yet: whether it is alive is found out on its neighbours' ticks
		}
		return this.#ring(arena.load(record + WAITER.participant));
	}

	isRecord(index: number): boolean {
		return this.#pages.isRecord(index);
	}

	recordsOf(target: number): Iterable<number> {
		return this.#pages.recordsOf(target);
	}

	/**
	 * Takes the records of a participant that has gone out of all queues, before their memory is used for something
	 * else. What its queues' objects make of it they find out when they are next looked after.
	 */
	unlinkAll(participant: number): void {
		const arena = this.family.arena;
		for (const record of this.#pages.queuedOf(participant)) {
			const target = arena.load(record + WAITER.target);
			if (!this.#isQueue(target)) continue;
			const queue = new WaitQueue(arena, target, target, arena, this);
			queue.guarded(() => queue.remove(record));
		}
	}

	/** Whether there may be a queue of waiters where a record says so: within the body of an object that has one. */
	#isQueue(target: number): boolean {
		const { heap } = this.family;
		const block = heap.blockAt(target * 4);
		if (block === undefined || !WAITED_FOR.has(block.kind)) return false;
		const isWithin = heap.blockAt((target + QUEUE_WORDS - 1) * 4)?.offset === block.offset;
		return isWithin && target >= block.offset / 4 + BLOCK.body;
	}

	/** Somebody was killed: wakes everybody who waits for anything, to look after it now and not on the next tick. */
	stirAll(): void {
		const arena = this.family.arena;
		for (const participant of this.family.participants.ids()) {
			for (const record of this.#pages.queuedOf(participant)) {
				if (arena.load(record + WAITER.mode) === WAITER_MODE.sync) this.wake(record);
				else if (participant !== this.me) this.#ring(participant, BELL.stirred);
			}
		}
		setImmediate(() => this.#lookAfterAll());
	}

	#ring(participant: number, message: number = BELL.rung): boolean {
		if (participant === this.me) {
			this.#scanSoon();
			return true;
		}
		const arena = this.family.arena;
		const record = participantRecord(participant);
		if (arena.load(record + PARTICIPANT.id) !== participant) return false;
		const armed = record + PARTICIPANT.bellArmed;
		// Not over a `stirred`, whose ring is on its way.
		const was =
			message === BELL.rung ? arena.compareExchange(armed, BELL.armed, message) : arena.exchange(armed, message);
		if (was === BELL.armed) {
			platform.ringDoorbell(arena.load(record + PARTICIPANT.pid), arena.load(record + PARTICIPANT.bellNumber));
		}
		return true;
	}

	// --- synchronous waits ---

	takeRecord(mode: number): number {
		return this.#pages.take(mode);
	}

	giveBack(record: number): void {
		this.#pages.giveBack(record);
	}

	/** Says in the record what the graph of waits shows of it: which wait of the family's it is, and whether it is limited. */
	describe(record: number, deadline: Deadline): void {
		const arena = this.family.arena;
		arena.store(record + WAITER.number, arena.add(HEAD.waits, 1) + 1);
		arena.store(record + WAITER.limited, deadline.at === Number.POSITIVE_INFINITY ? 0 : 1);
	}

	/** A participant's records that stand in a queue. */
	queuedOf(participant: number): Iterable<number> {
		return this.#pages.queuedOf(participant);
	}

	/** Sleeps while the waiter is waiting, at most `timeout` ms and not longer than a tick. */
	sleep(record: number, timeout: number): ParkResult {
		const address = this.family.arena.addressOf(record + WAITER.state);
		return platform.park(address, WAITER_STATE.waiting, Math.min(timeout, TICK));
	}

	/** From now on this thread is rung for its asynchronous waiters. */
	arm(): void {
		if (this.#doorbell === undefined) this.#open();
		this.family.arena.store(this.#record + PARTICIPANT.bellArmed, BELL.armed);
	}

	/** Blocks until the doorbell is rung or one of the sentinels is ready, at most `timeout` ms and not longer than a tick. */
	sleepUntilRung(sentinels: readonly number[], timeout: number): void {
		platform.waitSentinels([this.#doorbell!.sentinel, ...sentinels], Math.min(timeout, TICK));
		this.#doorbell!.silence();
		if (this.#pending.size > 0) this.#scanSoon(); // the ring may have been meant for them
	}

	// --- asynchronous waits ---

	/** From now on `wait` is told of the waiter's changes; one that has happened already is told at once. */
	watch(record: number, wait: AsyncWait): void {
		this.#pending.set(record, wait);
		this.arm();
		if (this.#pending.size === 1) this.#doorbell!.hold(true);
		if (this.hasChanged(record)) wait.onWake();
	}

	/** Forgets a wait; its record is the caller's again. */
	unwatch(record: number): void {
		if (!this.#pending.delete(record)) return;
		if (this.#pending.size === 0) this.#end();
	}

	#end(): void {
		this.#doorbell?.hold(false);
	}

	#open(): void {
		this.#doorbell = platform.openDoorbell(() => this.#scan());
		this.family.arena.store(this.#record + PARTICIPANT.bellNumber, this.#doorbell.number);
		this.#ticker = setInterval(() => this.#tick(), TICK).unref();
	}

	/** Nothing has been waited for for a while: descriptors and timer are given back. */
	#close(): void {
		this.family.arena.store(this.#record + PARTICIPANT.bellArmed, BELL.rung);
		clearInterval(this.#ticker);
		this.#doorbell?.close();
		this.#doorbell = undefined;
	}

	#scan(): void {
		// Armed before the look: a change after the look rings again.
		const was = this.family.arena.exchange(this.#record + PARTICIPANT.bellArmed, BELL.armed);
		if (was === BELL.stirred) this.#lookAfterAll();
		for (const [record, wait] of this.#pending) if (this.hasChanged(record)) wait.onWake();
	}

	#lookAfterAll(): void {
		for (const wait of this.#pending.values()) wait.onTick();
	}

	#scanSoon(): void {
		if (this.#selfScan) return;
		this.#selfScan = true;
		setImmediate(() => {
			this.#selfScan = false;
			this.#scan();
		});
	}

	#tick(): void {
		this.#idleTicks = this.#pending.size > 0 ? 0 : this.#idleTicks + 1;
		if (this.#idleTicks > IDLE_TICKS) {
			this.#close();
			return;
		}
		this.#lookAfterAll();
		this.#scan();
	}

	/** Milliseconds since the waiter was woken: of use to nobody but itself, right after it was. */
	wokenFor(record: number): number {
		return ((machineTime() - this.family.arena.load(record + WAITER.wokenAt)) | 0) / 1000;
	}

	/** Whether a waiter has been told something since it began to wait. */
	hasChanged(record: number): boolean {
		return this.family.arena.load(record + WAITER.state) !== WAITER_STATE.waiting;
	}
}

onParticipantGone((dead) => {
	threadWaits().unlinkAll(dead);
	threadWaits().stirAll();
});

let waits: ThreadWaits | undefined;

afterFork(
	() => waits?.renew(),
	() => waits !== undefined,
);

/** How this thread waits; made when first needed. */
export function threadWaits(): ThreadWaits {
	waits ??= new ThreadWaits(family());
	return waits;
}
