import { Event, isMain, Process } from 'polyproc';
import { rateSync, report } from '../../measure.ts';

export function answer(there: Event, back: Event): void {
	for (;;) {
		there.waitSync();
		there.clear();
		back.set();
	}
}

if (isMain(import.meta)) {
	const [there, back] = [new Event(), new Event()];
	const child = new Process({ target: answer, args: [there, back], daemon: true });
	await child.start();
	const step = (): void => {
		there.set();
		back.waitSync();
		back.clear();
	};
	step();
	report(rateSync(step, 10));
	child.kill();
	await child.join();
}
