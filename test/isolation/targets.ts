/** What runs in processes that may not do everything. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import * as fs from 'node:fs';
import { connect, createServer } from 'node:net';
import { Worker } from 'node:worker_threads';
import * as mp from 'polyproc';

/** `'done'`, or the code of the error. */
async function attempt(act: () => unknown): Promise<string> {
	try {
		await act();
		return 'done';
	} catch (error) {
		return (error as { code?: string }).code ?? String(error);
	}
}

export function hello(name: string): string {
	return `hello, ${name}`;
}

export function tell(what: unknown): void {
	process.stdout.write(`${JSON.stringify(what)}\n`);
}

/** What there is to read from the standard input, told through a queue. */
export async function readInput(answers: mp.Queue<string>): Promise<void> {
	let text = '';
	for await (const chunk of process.stdin) text += String(chunk);
	await answers.put(text);
}

/** What comes of trying each thing with a file. */
export async function tryFile(path: string): Promise<Record<string, string>> {
	return {
		read: await attempt(() => fs.readFileSync(path)),
		readLater: await attempt(() => fs.promises.readFile(path)),
		stat: await attempt(() => fs.statSync(path)),
		write: await attempt(() => fs.writeFileSync(path, 'changed')),
		append: await attempt(() => fs.promises.appendFile(path, 'more')),
		link: await attempt(() => fs.symlinkSync(path, `${path}.link`)),
		remove: await attempt(() => fs.rmSync(path)),
	};
}

export async function readAll(...paths: string[]): Promise<string[]> {
	return Promise.all(paths.map((path) => attempt(() => fs.readFileSync(path))));
}

export async function writeAll(...paths: string[]): Promise<string[]> {
	return Promise.all(paths.map((path) => attempt(() => fs.writeFileSync(path, 'new'))));
}

/** What comes of everything else that can be refused. */
export async function tryAll(): Promise<Record<string, string>> {
	return {
		childProcess: await attempt(() => execFileSync(process.execPath, ['--version'])),
		worker: await attempt(async () => {
			const worker = new Worker('', { eval: true });
			await once(worker, 'exit');
		}),
		addons: await attempt(() => process.dlopen({ exports: {} }, '/none.node')),
		binding: await attempt(() => (process as unknown as { binding(name: string): unknown }).binding('spawn_sync')),
		listen: await attempt(async () => {
			const server = createServer().listen(0);
			await once(server, 'listening');
			server.close();
		}),
		connect: await attempt(() => once(connect(1, '127.0.0.1'), 'connect')),
	};
}

/** What comes of making what it would need the family for. */
export async function tryLibrary(): Promise<Record<string, string>> {
	return {
		lock: await attempt(() => new mp.Lock()),
		queue: await attempt(() => new mp.Queue()),
		pipe: await attempt(() => mp.Pipe()),
		memory: await attempt(() => new mp.SharedMemory({ create: true, size: 8 })),
		process: await attempt(() => new mp.Process({ target: hello, args: ['x'] }).start()),
		pickle: await attempt(() => assert.deepEqual(mp.pickle.loads(mp.pickle.dumps({ a: 1n })), { a: 1n })),
	};
}

/** Descriptors that are open, and what they are. */
export function tellDescriptors(): void {
	const open = fs.readdirSync('/proc/self/fd').map((fd): [string, string] => {
		try {
			return [fd, fs.readlinkSync(`/proc/self/fd/${fd}`)];
		} catch {
			return [fd, 'gone'];
		}
	});
	tell(Object.fromEntries(open));
}

export function environment(): NodeJS.ProcessEnv {
	return process.env;
}

export function key(): string {
	return Buffer.from(mp.currentProcess().authkey).toString('hex');
}

export class Refusal extends Error {
	readonly detail = 42;
}

export function refuse(): never {
	throw new Refusal('not for you');
}

export function throwRange(): never {
	throw new RangeError('too far');
}

export function makeClosure(): () => void {
	return () => undefined;
}

export class Point {
	readonly x: number;

	constructor(x: number) {
		this.x = x;
	}
}

export function makePoint(x: number): Point {
	return new Point(x);
}

export function exit(code: number): void {
	process.exit(code);
}

export function abortLater(): Promise<never> {
	setImmediate(() => {
		throw new Error('nobody catches this');
	});
	return new Promise(() => setInterval(() => {}, 1000));
}

export function unsettled(): Promise<never> {
	return new Promise(() => {});
}

export function forever(): Promise<never> {
	return new Promise(() => setInterval(() => {}, 1000));
}

export function spin(): never {
	for (;;);
}

/** Fails as long as the file is not there. */
export function failFirst(count: mp.Value<'i'>): number {
	const tries = count.add(1) + 1;
	if (tries < 3) throw new Error(`try ${tries}`);
	return tries;
}

export async function useQueue(queue: mp.Queue<unknown>, answers: mp.Queue<unknown>): Promise<void> {
	for await (const item of queue) await answers.put({ got: item });
	answers.putSync('over');
	answers.putNowait([typeof answers.qsize(), answers.full(), queue.closed]);
}

export async function useConnection(connection: mp.Connection): Promise<void> {
	connection.sendSync(connection.recvSync());
	await connection.send(await connection.recv());
	await connection.sendBytes(await connection.recvBytes());
	connection.sendBytesSync(connection.recvBytesSync());
	const room = new Uint8Array(8);
	const size = await connection.recvBytesInto(room, 2);
	await connection.send([size, room, connection.pollSync(0), connection.readable, connection.writable]);
	for await (const item of connection) await connection.send(item);
	process.stdout.write(`"ended"\n`);
}

export async function useLocks(
	lock: mp.Lock,
	rlock: mp.RLock,
	semaphore: mp.Semaphore,
	condition: mp.Condition,
	event: mp.Event,
	barrier: mp.Barrier,
): Promise<unknown[]> {
	const held = await lock.hold();
	const again = await lock.acquire({ block: false });
	held[Symbol.dispose]();
	const entered = [rlock.acquireSync(), rlock.acquireSync()];
	rlock.release();
	rlock.release();
	semaphore.acquireSync();
	const left = semaphore.getValue();
	await condition.acquire();
	const notified = await condition.waitFor(() => event.isSet(), 5000);
	condition.release();
	const index = await barrier.wait(5000);
	return [again, entered, left, notified, typeof index, barrier.parties, lock.locked()];
}

/** What comes of predicates that are none. */
export async function waitWrongly(condition: mp.Condition): Promise<string[]> {
	await condition.acquire();
	const outcomes = [
		await attempt(() => condition.waitForSync(async () => true)),
		await attempt(() => condition.waitFor(1 as never)),
		await attempt(() => condition.waitForSync(() => true)),
	];
	condition.release();
	return outcomes;
}

export async function useValues(
	value: mp.Value<'i'>,
	raw: mp.RawValue<'d'>,
	array: mp.Array<'i'>,
	text: mp.RawArray<'c'>,
): Promise<unknown[]> {
	value.value += 1;
	const before = value.add(10);
	raw.value = 2.5;
	array.set(-1, 7);
	text.value = 'hi';
	const lock = value.getLock();
	const same = lock === value.getLock();
	await lock.acquire();
	lock.release();
	return [before, value.value, raw.value, [...array], array.at(2), array.length, text.value, same];
}

export async function tryTimes(queue: mp.Queue<unknown>, lock: mp.Lock): Promise<unknown[]> {
	const name = async (act: () => unknown): Promise<string> => {
		try {
			await act();
			return 'nothing';
		} catch (error) {
			return (error as Error).name;
		}
	};
	return [
		await name(() => queue.get({ timeout: 20 })),
		await name(() => queue.getSync({ timeout: 20 })),
		await name(() => queue.getNowait()),
		await name(() => queue.get({ signal: AbortSignal.timeout(20) })),
		await name(() => queue.get({ signal: AbortSignal.abort(new RangeError('never')) })),
		await lock.acquire({ timeout: 20 }),
		lock.acquireSync({ timeout: 20 }),
	];
}

export async function holdFor(lock: mp.Lock, ready: mp.Event): Promise<void> {
	await lock.acquire();
	ready.set();
	await forever();
}

/** What can be sent that is not just data. */
export async function sendCode(queue: mp.Queue<unknown>): Promise<unknown[]> {
	const closure = makeClosure();
	const outcomes: unknown[] = [];
	for (const item of [closure, hello, new Point(1), new Date(0), queue]) {
		outcomes.push(await attempt(() => queue.put(item)));
	}
	return outcomes;
}

/** Goes behind the library's back: writes to the sockets of its broker. */
export function scribble(queue: mp.Queue<unknown>, seed: number): void {
	queue.putSync('before');
	let state = seed;
	const bytes = Buffer.alloc(4096);
	for (let i = 0; i < bytes.length; i++) {
		state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
		bytes[i] = state >>> 16;
	}
	for (let fd = 3; fd < 40; fd++) {
		try {
			if (fs.fstatSync(fd).isSocket()) fs.writeSync(fd, bytes);
		} catch {
			// not one of them
		}
	}
}

/** Asks the broker for what it has no business with. */
export function askForMore(queue: mp.Queue<unknown>): string[] {
	const ask = Object.getPrototypeOf(Object.getPrototypeOf(queue)).constructor as {
		callSync(of: unknown, name: string, args: unknown[]): unknown;
	};
	return ['constructor', '__proto__', 'toString', 'get constructor', 'set closed', 'nothing', 'fd'].map((name) => {
		try {
			return String(ask.callSync(queue, name, [1]));
		} catch (error) {
			return (error as Error).name;
		}
	});
}

export async function waitFor(queue: mp.Queue<unknown>, ready: mp.Event): Promise<string[]> {
	ready.set();
	const name = (error: unknown): string => (error as Error).name;
	const awaited = await queue.get().catch(name);
	let blocking = 'nothing';
	try {
		queue.getSync();
	} catch (error) {
		blocking = name(error);
	}
	return [String(awaited), blocking];
}

export function tellStatus(): void {
	tell(
		fs
			.readFileSync('/proc/self/status', 'utf8')
			.split('\n')
			.find((line) => line.startsWith('NoNewPrivs')),
	);
}

/** What it knows without any shared memory. */
export async function lookAround(): Promise<Record<string, unknown>> {
	const parent = mp.parentProcess();
	return {
		name: mp.currentProcess().name,
		parent: [parent?.name, parent?.pid, parent?.isAlive()],
		active: mp.activeChildren().length,
		isMain: mp.isMain(import.meta),
		joining: await attempt(() => parent?.join(10)),
	};
}

/** Uses locks that come and go; says how many there were. */
export async function useAndForget(queue: mp.Queue<mp.Lock | null>, answers: mp.Queue<number>): Promise<void> {
	for (let count = 1; ; count++) {
		if (!(await useNext(queue))) return;
		globalThis.gc?.();
		await new Promise((resolve) => setTimeout(resolve, count % 3)); // so that some are collected before the next comes
		await answers.put(count);
	}
}

async function useNext(queue: mp.Queue<mp.Lock | null>): Promise<boolean> {
	const lock = await queue.get();
	if (lock !== null && (await lock.acquire())) lock.release();
	return lock !== null;
}

/** Waits for whichever is ready; says which, and what is wrong with what cannot be waited for. */
export async function waitForSome(
	queue: mp.Queue<unknown>,
	event: mp.Event,
	connection: mp.Connection,
	lock: mp.Lock,
): Promise<unknown[]> {
	const all = [queue, event, connection];
	const indices = (ready: readonly object[]): number[] => ready.map((object) => all.indexOf(object as never));
	const outcomes: unknown[] = [
		await mp.wait(all, 0),
		mp.waitSync(all, 20),
		await attempt(() => mp.wait(all, { signal: AbortSignal.timeout(20) })),
		await attempt(() => mp.wait([lock as never])),
		await attempt(() => mp.wait([event, 7])),
	];
	const waiting = mp.wait(all);
	await connection.send('waiting');
	outcomes.push(indices(await waiting));
	await queue.get();
	event.set();
	outcomes.push(indices(mp.waitSync(all)));
	await connection.send('set');
	await mp.wait([connection]);
	outcomes.push(indices(await mp.wait(all, { timeout: 60_000 })));
	return outcomes;
}
