/** What the machine gives at best, at this hour: two processes that are told once to do half of it each. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { median, report } from '../../measure.ts';
import { work20 } from '../pools/work-20.ts';

const TASKS = 40;
const self = fileURLToPath(import.meta.url);

function half(): void {
	for (let i = 0; i < TASKS / 2; i++) work20(i);
}

if (process.send === undefined) {
	const halves = [fork(self), fork(self)];
	await Promise.all(halves.map((child) => once(child, 'message')));
	const speedUps: number[] = [];
	for (let round = 0; round < 3; round++) {
		const start = performance.now();
		for (const child of halves) child.send('go');
		await Promise.all(halves.map((child) => once(child, 'message')));
		const parallel = performance.now() - start;
		const startAlone = performance.now();
		half();
		half();
		speedUps.push((performance.now() - startAlone) / parallel);
	}
	report(median(speedUps));
	for (const child of halves) child.disconnect();
} else {
	half();
	process.send('ready');
	process.on('message', () => {
		half();
		process.send?.('done');
	});
}
