/** What the children of the lock tests run. */
import { Barrier, type Condition, type Connection, Event, Lock, type RLock, type Semaphore } from 'polyproc';

export type AnyLock = Lock | RLock;

/** Takes the lock, says so, and keeps it until it is killed. */
export function holdForEver(lock: AnyLock | Condition, report: Connection): void {
	lock.acquireSync();
	report.sendSync('has it');
	setInterval(() => undefined, 1e6);
}

/** Ends by itself, holding the lock. */
export function endHolding(lock: AnyLock): void {
	lock.acquireSync();
}

/** Says that it is about to wait, then waits for the lock; tells what came of it. */
export async function waitFor(
	lock: AnyLock,
	form: 'async' | 'sync',
	report: Connection,
	timeout?: number,
): Promise<void> {
	await report.send('waits');
	const options = timeout === undefined ? {} : { timeout };
	try {
		const acquired = form === 'sync' ? lock.acquireSync(options) : await lock.acquire(options);
		await report.send([acquired, lock.ownerDied]);
		if (acquired) lock.release();
	} catch (error) {
		await report.send((error as Error).name);
	}
}

/** Takes and releases the lock, over and over, until a message comes; then says how often. */
export function hammer(lock: AnyLock, control: Connection): void {
	control.sendSync('hammers');
	let times = 0;
	for (; times === 0 || times % 64 !== 0 || !control.pollSync(0); times++) {
		lock.acquireSync();
		lock.release();
	}
	control.sendSync(times);
}

/** Releases a lock that somebody else holds; tells what came of it. */
export function tryToRelease(lock: AnyLock, report: Connection): void {
	try {
		lock.release();
		report.sendSync('released');
	} catch (error) {
		const { name, code, message } = error as Error & { code: string };
		report.sendSync({ name, code, message });
	}
}

/** Says that it is about to wait for a permit, and that it has one, over and over. */
export async function takePermits(semaphore: Semaphore, form: 'async' | 'sync', report: Connection): Promise<void> {
	for (;;) {
		report.sendSync('waits');
		if (form === 'sync') semaphore.acquireSync();
		else await semaphore.acquire();
		report.sendSync('has one');
	}
}

/** Takes and gives back permits; tells how many were inside at most, counted by `inside`. */
export async function comeAndGo(
	semaphore: Semaphore,
	inside: Semaphore,
	form: 'async' | 'sync',
	times: number,
	report: Connection,
): Promise<void> {
	let most = 0;
	for (let i = 0; i < times; i++) {
		if (form === 'sync') semaphore.acquireSync();
		else await semaphore.acquire();
		inside.release();
		most = Math.max(most, inside.getValue());
		inside.acquireSync();
		semaphore.release();
	}
	report.sendSync(most);
}

/** Says that it is about to wait for the event; tells what came of it. */
export async function waitForEvent(event: Event, form: 'async' | 'sync', report: Connection): Promise<void> {
	report.sendSync('waits');
	report.sendSync(form === 'sync' ? event.waitSync() : await event.wait());
}

/** Sets the event and clears it at once, whenever it is told to. */
export function setAndClear(event: Event, control: Connection): void {
	for (;;) {
		control.recvSync();
		event.set();
		event.clear();
		control.sendSync('cleared');
	}
}

/** Has the condition's lock, says so, and waits; tells what came of it. */
export async function waitForNotification(
	condition: Condition,
	form: 'wait' | 'waitSync',
	report: Connection,
): Promise<void> {
	condition.acquireSync();
	report.sendSync('has the lock');
	const woken = await condition[form]();
	condition.release();
	report.sendSync(woken);
}

/** Notifies whenever it gets the lock, for ever. */
export async function notifyAgainAndAgain(condition: Condition): Promise<void> {
	for (;;) {
		using _held = await condition.hold();
		condition.notify();
	}
}

/** Waits at the barrier; tells which index it got, or how it failed. */
export async function waitAtBarrier(barrier: Barrier, form: 'wait' | 'waitSync', report: Connection): Promise<void> {
	try {
		report.sendSync(await barrier[form]());
	} catch (error) {
		report.sendSync((error as Error).name);
	}
}

/** The action of a barrier: says that it acts, and never ends. */
export function actForEver(acts: Event): Promise<never> {
	acts.set();
	setInterval(() => undefined, 1e6);
	return new Promise(() => undefined);
}

/** Takes one lock, and when it is told to, wants another one; tells whether it got that, or the error. */
export async function takeThenWant(
	first: AnyLock,
	second: AnyLock,
	form: 'async' | 'sync',
	control: Connection,
): Promise<void> {
	using _first = first.holdSync();
	control.sendSync('has one');
	control.recvSync();
	try {
		using _second = form === 'sync' ? second.holdSync() : await second.hold();
		control.sendSync('has both');
	} catch (error) {
		control.sendSync(error);
	}
}

/** Has the lock for so many milliseconds. */
export async function holdFor(lock: AnyLock, time: number, report: Connection): Promise<void> {
	using _held = await lock.hold();
	await report.send('has it');
	await new Promise((resolve) => setTimeout(resolve, time));
}

/** Raises a number that is in a pipe, so many times: what is read, raised and written back by one at a time. */
export function raise(lock: AnyLock | Semaphore, reader: Connection, writer: Connection, times: number): void {
	for (let i = 0; i < times; i++) {
		lock.acquireSync();
		writer.sendSync((reader.recvSync() as number) + 1);
		lock.release();
	}
}

/** Classes of a user's that extend ours, each with something of its own. */
export class NamedLock extends Lock {
	label = 'a lock';
	get shout(): string {
		return this.label.toUpperCase();
	}
}

export class NamedEvent extends Event {
	label = 'an event';
	self: NamedEvent = this;
}

export class NamedBarrier extends Barrier {
	lock: NamedLock = new NamedLock();
}

/** Takes the lock, looks at everything, sets the event and comes to the barrier. */
export function useNamed(lock: NamedLock, event: NamedEvent, barrier: NamedBarrier): string {
	if (!lock.acquireSync({ block: false })) return 'it is taken';
	if (lock.shout !== 'MINE' || event.label !== 'yours') return 'not the same fields';
	if (event.self !== event || !(barrier instanceof NamedBarrier) || barrier.lock !== lock)
		return 'not the same objects';
	event.set();
	return 'as it should be';
}
