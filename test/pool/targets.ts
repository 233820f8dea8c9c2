/** What the workers of the tests of pools do. */
import type { Socket } from 'node:net';
import { threadId } from 'node:worker_threads';
import {
	type Connection,
	currentProcess,
	getContext,
	Lock,
	Pipe,
	type Pool,
	Process,
	Queue,
	reduce,
	type StartMethod,
	Value,
} from 'polyproc';

export function square(x: number): number {
	return x * x;
}

export function add(a: number, b: number): number {
	return a + b;
}

export function identity<T>(value: T): T {
	return value;
}

export function whoAmI(): number {
	return threadId === 0 ? process.pid : threadId;
}

/** Says who runs, and is never done: not even its event loop turns. */
export function sayAndSpin(line: Queue): never {
	line.putSync(whoAmI());
	for (;;);
}

/** Says who runs, and is not done before the end of time; its event loop turns. */
export async function sayAndWait(line: Queue): Promise<void> {
	await line.put(whoAmI());
	await never();
}

/** Something that keeps an event loop alive for ever. */
export function never(): Promise<never> {
	return new Promise(() => setInterval(() => {}, 1 << 30));
}

/** Says who runs; done when the lock is free. */
export function sayAndLock(line: Queue, lock: Lock): number {
	line.putSync(whoAmI());
	lock.acquireSync();
	lock.release();
	return whoAmI();
}

/** Gives back its value once the gate is open. */
export function passGate<T>(gate: Lock, value: T): T {
	gate.acquireSync();
	gate.release();
	return value;
}

/** Tells what it is asked to do, in the order in which it does. */
export function note(log: Queue, value: unknown): unknown {
	log.putSync(value);
	return value;
}

export function exit(code: number): never {
	process.exit(code);
}

export function killSelf(signal: NodeJS.Signals): Promise<never> {
	process.kill(process.pid, signal);
	return never();
}

export function throwIt(value: unknown): never {
	throw value;
}

export class Custom extends Error {
	readonly detail: string;

	constructor(message: string, detail: string) {
		super(message);
		this.detail = detail;
	}
}

export function throwCustom(message: string, detail: string): never {
	throw new Custom(message, detail);
}

export function failIf(x: number, bad: number): number {
	if (x === bad) throw new RangeError(`not ${x}`);
	return x;
}

/** Nobody catches what it throws. */
export function throwOutside(message: string): Promise<never> {
	setTimeout(() => {
		throw new Error(message);
	});
	return never();
}

export function rejectOutside(message: string): Promise<never> {
	void Promise.reject(new Error(message));
	return never();
}

/** What was made of it cannot be made of it again. */
export function refuse(): never {
	throw new Error('this cannot be rebuilt');
}

/** An error that can be pickled, and not be unpickled. */
export class OneWayError extends Error {
	[reduce](): [() => never] {
		return [refuse];
	}
}

export class OneWay {
	[reduce](): [() => never] {
		return [refuse];
	}
}

export function throwOneWay(): never {
	throw new OneWayError('one way');
}

export function returnOneWay(): OneWay {
	return new OneWay();
}

/** Nothing can settle what it returns. */
export function returnUnsettled(): Promise<never> {
	return new Promise(() => {});
}

export function returnUnpicklable(): unknown {
	return { inner: { socket: new WeakMap() } };
}

export function overflow(): number {
	return 1 + overflow();
}

/** Tells its pid, and fails. */
export function tellAndFail(log: Queue): never {
	log.putSync(whoAmI());
	throw new TypeError('the initializer fails');
}

export function tellAndExit(log: Queue, code: number): never {
	log.putSync(whoAmI());
	process.exit(code);
}

/** Fails in all workers but the first few. */
export function failLater(log: Queue<number>, lock: Lock, count: number): void {
	using _ = lock.holdSync();
	const before = log.qsize();
	log.putSync(whoAmI());
	if (before >= count) throw new TypeError('the initializer fails now');
}

let set: unknown;

/** As an initializer: for `tellSet`. */
export function setTo(value: unknown): void {
	set = value;
}

export function tellSet(): unknown {
	return set;
}

/** A pool of its own, in a worker. */
export async function sumOfSquares(items: number[], method: StartMethod): Promise<number> {
	await using pool = new (getContext(method).Pool)(2);
	const squares = await pool.map(square, items);
	return squares.reduce(add, 0);
}

/** Needs a turn of the event loop. */
export async function squareLater(x: number): Promise<number> {
	await new Promise((resolve) => setImmediate(resolve));
	return x * x;
}

/** For ever, without a pause, whatever anybody says. */
export function ignoreAndSpin(line: Queue): never {
	process.on('SIGTERM', () => {});
	return sayAndSpin(line);
}

/** Done after so many milliseconds at least. */
export function spinFor(ms: number): number {
	const end = performance.now() + ms;
	while (performance.now() < end);
	return ms;
}

/** Fails, or ends its worker, so many times, and then returns how often it was called. */
export function failTimes(count: number, how: 'throws' | 'dies' | 'spins', calls: Value<'i'>): number {
	const before = calls.add(1);
	if (before >= count) return before + 1;
	if (how === 'throws') throw new RangeError(`call ${before}`);
	if (how === 'dies') process.exit(9);
	for (;;);
}

let kept: Uint8Array[] = [];

/** Keeps so many bytes for ever. */
export function keep(bytes: number): number {
	kept = [...kept, Buffer.alloc(bytes, 1)];
	return whoAmI();
}

/** A process under this one, which says that it is there; then spins. */
export async function startAndSpin(line: Queue): Promise<never> {
	const child = new Process({ target: sayAndSpin, args: [line] });
	await child.start();
	return sayAndSpin(line);
}

/** A process under this one, to its end. */
export async function exitCodeOf(code: number): Promise<number | null> {
	const child = new Process({ target: exit, args: [code] });
	await child.start();
	return await child.join();
}

/** One end of a pipe that is made here; the other one gets what comes back. */
export function openEcho(): Connection {
	const [mine, theirs] = Pipe();
	void (async () => {
		await mine.send(`echo ${await mine.recv()}`);
		mine.close();
	})();
	return theirs;
}

export function makeShared(): { lock: Lock; queue: Queue<string>; value: Value<'i'> } {
	const queue = new Queue<string>();
	queue.putSync('from there');
	return { lock: new Lock(), queue, value: new Value('i', 42) };
}

export function count(value: Value<'i'>, times: number): void {
	for (let i = 0; i < times; i++) value.add(1);
}

let counter: Value<'i'> | undefined;
let ownLock: Lock | undefined;

/** As an initializer: for `countTo`. */
export function keepShared(value: Value<'i'>, lock: Lock): void {
	[counter, ownLock] = [value, lock];
}

/** Adds to what the initializer was given, not atomically but under its lock. */
export function countShared(times: number): void {
	for (let i = 0; i < times; i++) {
		using _ = ownLock!.holdSync();
		counter!.value = counter!.value + 1;
	}
}

export async function readAll(handle: Socket): Promise<string> {
	let text = '';
	for await (const part of handle) text += String(part);
	return text;
}

/** Takes a pool that belongs to another process: the names of the errors. */
export async function useForeignPool(pool: Pool): Promise<string[]> {
	const codes: string[] = [];
	for (const use of [
		() => pool.apply(square, [1]),
		() => pool.map(square, [1]),
		() => pool.imap(square, [1]).next(),
		() => pool.join(),
		() => pool.terminate(),
		() => pool.close(),
		() => pool.stats(),
		() => pool.pids,
	]) {
		try {
			await use();
			codes.push('nothing');
		} catch (error) {
			codes.push(String((error as { code?: string }).code));
		}
	}
	return codes;
}

export function nameOfProcess(): string {
	return currentProcess().name;
}
