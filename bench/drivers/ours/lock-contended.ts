import { Event, isMain, Lock, Process, Semaphore } from 'polyproc';
import { rateSync, report } from '../../measure.ts';

/** The counter is a semaphore that nobody waits for. */
export function count(lock: Lock, counter: Semaphore, stop: Event): void {
	while (!stop.isSet()) {
		lock.acquireSync();
		counter.release();
		lock.release();
	}
}

if (isMain(import.meta)) {
	const [lock, counter, stop] = [new Lock(), new Semaphore(0), new Event()];
	const child = new Process({ target: count, args: [lock, counter, stop], daemon: true });
	await child.start();
	while (counter.getValue() === 0);
	const [start, begin] = [performance.now(), counter.getValue()];
	rateSync(() => {
		lock.acquireSync();
		counter.release();
		lock.release();
	}, 100);
	// Both sides together: what is counted, not how often this one had its turn.
	report(((counter.getValue() - begin) * 1000) / (performance.now() - start));
	stop.set();
	await child.join();
}
