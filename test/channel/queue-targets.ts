/** What the children of the tests of queues run. */
import { open } from 'node:fs/promises';
import { connect } from 'node:net';
import { type Connection, type JoinableQueue, Lock, Pipe, Process, Queue } from 'polyproc';
import type { Form } from './targets.ts';

/** Puts `[who, 0]` to `[who, count - 1]`, by turns in one form and the other. */
export async function putNumbered(queue: Queue, who: number, count: number): Promise<void> {
	for (let i = 0; i < count; i++) {
		if (i % 2 === 0) queue.putSync([who, i]);
		else await queue.put([who, i]);
	}
}

/** Puts so many items, blocking. */
export function putTexts(queue: Queue, count: number, line: Connection): void {
	line.sendSync('there');
	for (let i = 0; i < count; i++) queue.putSync('of another');
}

/** Takes until the queue is closed and empty, and tells what came. */
export async function takeAll(queue: Queue, form: Form, line: Connection): Promise<void> {
	const taken: unknown[] = [];
	await line.send('there');
	try {
		for (;;) taken.push(form === 'sync' ? queue.getSync() : await queue.get());
	} catch (error) {
		await line.send([(error as Error).name, taken]);
	}
}

/** Is about to take or put something for which it has to wait; tells what came of it. */
export async function blockIn(queue: Queue, what: Blocking, line: Connection): Promise<void> {
	line.sendSync('there');
	try {
		line.sendSync(['done', await blocking[what](queue)]);
	} catch (error) {
		line.sendSync([(error as Error).name, (error as Error & { code: string }).code]);
	}
}

const blocking = {
	get: (queue: Queue) => queue.get(),
	getSync: (queue: Queue) => queue.getSync(),
	put: (queue: Queue) => queue.put('late'),
	putSync: (queue: Queue) => queue.putSync('late'),
	iteration: async (queue: Queue) => {
		for await (const _ of queue);
	},
};
export type Blocking = keyof typeof blocking;

/** Puts objects that are in shared memory, and ends, or waits to be killed. */
export async function putShared(queue: Queue<SharedThings>, then: 'ends' | 'is killed'): Promise<void> {
	const lock = new Lock();
	lock.acquireSync();
	lock.release();
	const [mine, theirs] = Pipe();
	await mine.send('said before');
	const inner = new Queue<{ deeper: Lock }>();
	await inner.put({ deeper: new Lock() });
	await queue.put({ lock, theirs, inner });
	if (then === 'is killed') await new Promise(() => setInterval(() => undefined, 1e6));
	theirs.close();
	mine.close();
}

/** Puts a file and a socket, closes its own, and waits for a word before it ends. */
export async function putForeign(queue: Queue, line: Connection, path: string, port: number): Promise<void> {
	const file = await open(path, 'a');
	const socket = connect(port, '127.0.0.1');
	await new Promise((resolve) => socket.once('connect', resolve));
	await queue.put(file);
	await queue.put(socket);
	await queue.put('after them');
	await file.close();
	socket.destroy();
	await line.recv();
}

export interface SharedThings {
	readonly lock: Lock;
	readonly theirs: Connection;
	readonly inner: Queue<{ deeper: Lock }>;
}

/** Puts items of these sizes, as text. */
export async function putSizes(queue: Queue, sizes: readonly number[]): Promise<void> {
	for (const [index, size] of sizes.entries()) await queue.put(Buffer.alloc(size, index + 1));
}

/** Awaits an item that comes later: only that keeps it alive. */
export function getLater(queue: Queue, line: Connection): void {
	line.sendSync('there');
	queue.get().then((item) => line.send(item));
}

/** Takes so many items, and keeps them until it is told how many are done; over and over. */
export function holdItems(queue: JoinableQueue, count: number, line: Connection): void {
	for (let i = 0; i < count; i++) queue.getSync();
	line.sendSync('there');
	for (;;) {
		for (let left = line.recvSync() as number; left > 0; left--) queue.taskDone();
		line.sendSync('done');
	}
}

/** Takes an item, and ends without a word about it. */
export function takeAndEnd(queue: JoinableQueue, line: Connection): void {
	line.sendSync('there');
	queue.getSync();
}

/** Takes items for ever, and is done with each. */
export function work(queue: JoinableQueue, line: Connection): void {
	line.sendSync('there');
	for (;;) {
		queue.getSync();
		queue.taskDone();
	}
}

/** Uses a queue, and ends by itself though it is open. */
export async function useAndEnd(queue: Queue): Promise<void> {
	await queue.put(await queue.get());
}

/** Blocks in `getSync` while an own `get` is under way. */
export async function getBoth(queue: Queue, line: Connection): Promise<void> {
	const awaited = queue.get();
	line.sendSync('there');
	const first = queue.getSync();
	line.sendSync([first, await awaited]);
}

/** Ends the queue as well. */
export function putAndClose(queue: Queue<number>): void {
	for (const item of [1, 2, 3]) queue.putSync(item);
	queue.close();
}

/** Says what it was given. */
export function describe(given: object, answers: Queue): void {
	answers.putSync([given.constructor.name, given instanceof Queue, Object.keys(given)]);
}

/** A queue with something of its own, made by inheritance. */
export class TaggedQueue extends Queue {
	readonly tag: string;

	constructor(tag: string, maxsize: number) {
		super(maxsize);
		this.tag = tag;
	}
}

/** The same, made by composition. */
export class Inbox {
	readonly tag: string;
	readonly queue: Queue = new Queue();

	constructor(tag: string) {
		this.tag = tag;
	}
}

export class Reader extends Process {
	readonly queue: Queue;
	readonly answers: Queue;

	constructor(queue: Queue, answers: Queue) {
		super();
		this.queue = queue;
		this.answers = answers;
	}

	override async run(): Promise<void> {
		await this.answers.put(`read ${await this.queue.get()}`);
	}
}
