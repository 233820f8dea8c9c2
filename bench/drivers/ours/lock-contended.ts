import { Event, isMain, Lock, Process, RawValue } from 'polyproc';
import { rateSync, report } from '../../measure.ts';

function raise(lock: Lock, counter: RawValue<'i'>): void {
	lock.acquireSync();
	counter.value += 1;
	lock.release();
}

export function count(lock: Lock, counter: RawValue<'i'>, stop: Event): void {
	while (!stop.isSet()) raise(lock, counter);
}

if (isMain(import.meta)) {
	const [lock, counter, stop] = [new Lock(), new RawValue('i', 0), new Event()];
	const child = new Process({ target: count, args: [lock, counter, stop], daemon: true });
	await child.start();
	while (counter.value === 0);
	const [start, begin] = [performance.now(), counter.value];
	rateSync(() => raise(lock, counter), 100);
	// Both sides together: what is counted, not how often this one had its turn.
	report(((counter.value - begin) * 1000) / (performance.now() - start));
	stop.set();
	await child.join();
}
