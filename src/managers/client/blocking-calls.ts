/** The calls of a thread that blocks for each: one at a time, on a connection of their own. */
import type { Connection } from '../../channel/connection.ts';
import { ends } from '../../channel/ends-key.ts';
import { Inbox } from '../inbox.ts';
import { ANSWER, REQUEST, valueOf } from '../messages.ts';
import { type Content, Outbox } from '../outbox.ts';
import { thrownNow } from './answers.ts';
import type { Request } from './calls.ts';

export class BlockingCalls {
	readonly #connection: Connection;
	readonly #outbox: Outbox;

	constructor(connection: Connection, isOutside: boolean, hello?: Content) {
		this.#connection = connection;
		this.#outbox = new Outbox(isOutside, {
			failed: (error) => {
				throw error;
			},
		});
		this.#outbox.open(connection[ends]);
		if (hello !== undefined) {
			this.#outbox.add(REQUEST.hello, 0, 0, hello);
			this.#outbox.flushSync();
		}
	}

	/** `after`: how many frames of this client's other connection the server is to deal with first. */
	call({ kind, object, content, proxy }: Request, after: number): unknown {
		this.#outbox.add(kind, object, after, content);
		this.#outbox.flushSync();
		const [frame] = Inbox.readSync(this.#connection[ends]);
		if (frame?.kind === ANSWER.self) return proxy;
		if (frame?.kind === ANSWER.value) return valueOf(frame);
		throw thrownNow(frame!);
	}

	close(): void {
		this.#connection.close();
	}
}
