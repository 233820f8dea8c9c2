/** The other halves of the queue shapes. */
import { ClosedError, type Queue, type RawValue } from 'polyproc';
import { SMALL } from '../../measure.ts';

/** Puts the same object until the queue is closed. */
export function fill(queue: Queue): void {
	untilClosed(() => queue.putSync(SMALL));
}

/** Takes what there is until the queue is closed, and counts it. */
export function drain(queue: Queue, count: RawValue<'d'>): void {
	let taken = 0;
	untilClosed(() => {
		queue.getSync();
		count.value = ++taken;
	});
}

/** Puts into one queue what comes out of the other. */
export async function passOn(from: Queue, to: Queue): Promise<void> {
	for await (const item of from) await to.put(item);
}

function untilClosed(step: () => void): void {
	try {
		for (;;) step();
	} catch (error) {
		if (!(error instanceof ClosedError)) throw error;
	}
}
