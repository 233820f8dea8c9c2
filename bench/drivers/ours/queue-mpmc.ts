import { setTimeout as sleep } from 'node:timers/promises';
import { getContext, Queue, RawValue } from 'polyproc';
import { report, WARM_UP, WINDOW } from '../../measure.ts';
import { drain, fill } from './fill.ts';

const { Process } = getContext('spawn');
const queue = new Queue(1000);
const counts = [new RawValue('d'), new RawValue('d')];
const children = [
	...counts.map((count) => new Process({ target: drain, args: [queue, count] })),
	...counts.map(() => new Process({ target: fill, args: [queue] })),
];
for (const child of children) await child.start();
const taken = (): number => counts.reduce((sum, count) => sum + count.value, 0);
while (counts.some((count) => count.value === 0)) await sleep(1);
await sleep(WARM_UP);
const before = taken();
const start = performance.now();
await sleep(WINDOW);
report(((taken() - before) * 1000) / (performance.now() - start));
queue.close();
for (const child of children) await child.join();
