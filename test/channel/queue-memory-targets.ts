/** What the children of the tests of a queue's memory run: with the sources, whose memory it is. */
import type { Connection } from '../../src/channel/connection.ts';
import '../../src/channel/pipe.ts';
import { Queue } from '../../src/channel/queue.ts';

/** A child knows only what it has imported. */
export const imported: readonly unknown[] = [Queue];

/** Puts small items until it is killed. */
export function putForEver(queue: Queue, line: Connection): void {
	for (let i = 0; ; i++) {
		queue.putSync(i);
		if (i === 0) line.sendSync('there');
	}
}

/** Takes items until it is killed. */
export function takeForEver(queue: Queue, line: Connection): void {
	for (let i = 0; ; i++) {
		queue.getSync();
		if (i === 0) line.sendSync('there');
	}
}
