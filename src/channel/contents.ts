/** All that comes out of a queue or a connection, or of what stands in for one in another process. */
import { ClosedError, EOFError } from '../base/errors.ts';

interface Items<T> {
	readonly closed: boolean;
	get(): Promise<T>;
	empty(): boolean;
}

/** Takes items until the queue is closed and empty. */
export async function* itemsOf<T>(queue: Items<T>): AsyncGenerator<T, void, undefined> {
	for (;;) {
		let item: T;
		try {
			item = await queue.get();
		} catch (error) {
			if (error instanceof ClosedError && queue.closed && queue.empty()) return;
			throw error;
		}
		yield item;
	}
}

/** Receives until the other end is closed. */
export async function* messagesOf(connection: { recv(): Promise<unknown> }): AsyncGenerator<unknown, void, undefined> {
	try {
		for (;;) yield await connection.recv();
	} catch (error) {
		if (!(error instanceof EOFError)) throw error;
	}
}
