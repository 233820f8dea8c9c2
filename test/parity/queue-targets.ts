/** What the others run in the tests of queues. The last argument is the line home. */
import { type Connection, getContext, type JoinableQueue, Queue, type SimpleQueue, type StartMethod } from 'polyproc';

/** Takes so many items when it is told to, and says so. */
export async function takeWhenTold(queue: Queue, count: number, line: Connection): Promise<void> {
	await line.recv();
	for (let i = 0; i < count; i++) {
		if (i % 2 === 0) await queue.get();
		else queue.getSync();
	}
	await line.send('taken');
	line.close();
}

/** Puts these items, and says so. */
export async function putAll(queue: Queue, items: unknown[], line: Connection): Promise<void> {
	for (const item of items) await queue.put(item);
	await line.send('put');
	line.close();
}

/** Deals with items until `null` comes, without an event loop. */
export function workOff(queue: JoinableQueue, line: Connection): void {
	for (let item = queue.getSync(); item !== null; item = queue.getSync()) queue.taskDone();
	line.sendSync('no more');
	line.close();
}

/** Says what it sees; puts two items when it is told to. */
export async function lookAndPut(queue: SimpleQueue, line: Connection): Promise<void> {
	await line.send(queue.empty());
	await line.recv();
	queue.putSync(true);
	await queue.put(false);
	await line.send(queue.empty());
	line.close();
}

export function lookIn(queue: Queue, line: Connection): void {
	try {
		queue.getNowait();
	} catch (error) {
		line.sendSync((error as Error).name);
	}
}

/** Makes a queue and a daemon that looks into it; passes on what that one says. */
export async function makeQueueForDaemon(method: StartMethod, line: Connection): Promise<void> {
	const { Process, Pipe } = getContext(method);
	const [answer, theirs] = Pipe();
	const daemon = new Process({ target: lookIn, args: [new Queue(), theirs], daemon: true });
	await daemon.start();
	await line.send([await answer.recv(), await daemon.join()]);
	answer.close();
	theirs.close();
	line.close();
}

export function putOne(queue: Queue, item: unknown): void {
	queue.putSync(item);
}

/** Passes its queue on to a child of its own; both put an item. */
export async function passOn(method: StartMethod, queue: Queue, line: Connection): Promise<void> {
	const { Process } = getContext(method);
	const child = new Process({ target: putOne, args: [queue, 'grandchild'] });
	await child.start();
	await child.join();
	await queue.put('child');
	line.close();
}
