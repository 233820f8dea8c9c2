// Processes that are objects: each has a state of its own, and posts it three times, a second apart. The parent polls the
// queue as a user interface would, which has its own things to do in between.
import { setTimeout as sleep } from 'node:timers/promises';
import { isMain, Process, Queue } from 'polyproc';

type Posted = [pid: number, state: number];

export class Counter extends Process {
	readonly queue: Queue<Posted>;
	state: number;

	constructor(start: number, queue: Queue<Posted>) {
		super();
		this.state = start;
		this.queue = queue;
	}

	override async run(): Promise<void> {
		for (let posts = 0; posts < 3; posts++) {
			if (posts > 0) await sleep(1000);
			await this.queue.put([process.pid, this.state]);
			this.state++;
		}
	}
}

if (isMain(import.meta)) {
	const queue = new Queue<Posted>();
	const counters = [0, 100, 1000].map((start) => new Counter(start, queue));
	await Promise.all(counters.map((counter) => counter.start()));

	let ticks = 0;
	while (counters.some((counter) => counter.isAlive()) || !queue.empty()) {
		await sleep(100);
		ticks++; // here it would draw
		while (!queue.empty()) console.log(queue.getNowait());
	}

	console.log(`the parent has ticked ${ticks} times`);
	console.log(`its own counters are where they were: ${counters.map(({ state }) => state).join(', ')}`);
	const codes = await Promise.all(counters.map((counter) => counter.join()));
	console.log(`exit codes: ${codes.join(', ')}`);
}
