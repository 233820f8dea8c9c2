/**
 * The calls of this thread that are under way on one connection to a server, any number at once. Answers come in any
 * order. While there is nothing to wait for nothing is listened to, so an idle manager keeps no program alive.
 */
import { breather } from '../../base/breather.ts';
import type { Connection } from '../../channel/connection.ts';
import { ends } from '../../channel/ends-key.ts';
import { Inbox } from '../inbox.ts';
import { ANSWER, type Frame, REQUEST } from '../messages.ts';
import { type Content, Outbox } from '../outbox.ts';
import { thrownBy } from './answers.ts';

/** One call that waits for its answer. */
interface Waiting {
	readonly proxy: object | undefined;
	readonly resolve: (value: unknown) => void;
	readonly reject: (reason: unknown) => void;
	readonly signal: AbortSignal | undefined;
}

/** What a call is. */
export interface Request {
	readonly kind: number;
	readonly object: number;
	readonly content?: Content | undefined;
	readonly proxy?: object | undefined;
	readonly signal?: AbortSignal | undefined;
}

export class Calls {
	readonly #outbox: Outbox;
	readonly #waiting = new Map<number, Waiting>();
	readonly #lost: (error: unknown) => unknown;
	/** Held, since one that nobody holds is closed. */
	#connection: Connection | undefined;
	#failure: { readonly reason: unknown } | undefined;
	#next = 0;
	#isListening = false;

	/** `lost` is told why there is no server (any more), and says what its calls are to be told. */
	constructor(isOutside: boolean, lost: (error: unknown) => unknown) {
		this.#lost = lost;
		this.#outbox = new Outbox(isOutside, { failed: (error) => this.fail(error) });
	}

	/** The connection is there. `hello`: who this client is, if it is not known. */
	open(connection: Connection, hello?: Content): void {
		this.#connection = connection;
		const opened = connection[ends];
		if (hello !== undefined) {
			const first = new Outbox(true, { failed: (error) => this.fail(error) });
			first.add(REQUEST.hello, 0, 0, hello);
			first.open(opened);
		}
		this.#outbox.open(opened);
		if (this.#waiting.size > 0) void this.#listen();
	}

	/** How many frames the server has got, or will get without this event loop. */
	get sent(): number {
		return this.#outbox.sent;
	}

	/** Sends what has been called in this turn. */
	flushSync(): void {
		if (this.#failure === undefined) this.#outbox.flushSync();
	}

	/** A frame that has no answer. */
	post(kind: number, object: number, content?: Content): void {
		if (this.#failure === undefined) this.#outbox.add(kind, object, 0, content);
	}

	call({ kind, object, content, proxy, signal }: Request): Promise<unknown> {
		return new Promise((resolve, reject) => {
			signal?.throwIfAborted();
			if (this.#failure !== undefined) throw this.#failure.reason;
			this.#next = (this.#next + 1) >>> 0;
			const number = this.#next;
			this.#outbox.add(kind, object, number, content);
			this.#waiting.set(number, { proxy, signal, ...this.#settlers(number, signal, resolve, reject) });
			if (!this.#isListening) void this.#listen();
		});
	}

	/** The server has gone, or cannot be reached. */
	fail(error: unknown): void {
		if (this.#failure !== undefined) return;
		const reason = this.#lost(error);
		this.#failure = { reason };
		this.#connection?.close();
		for (const { reject } of this.#waiting.values()) reject(reason);
		this.#waiting.clear();
	}

	#settlers(
		number: number,
		signal: AbortSignal | undefined,
		resolve: (value: unknown) => void,
		reject: (reason: unknown) => void,
	): { resolve: (value: unknown) => void; reject: (reason: unknown) => void } {
		if (signal === undefined) return { resolve, reject };
		// Not settled yet: what is called off too late has an answer, and what it took would be lost.
		const onAbort = (): void => this.post(REQUEST.cancel, number);
		signal.addEventListener('abort', onAbort, { once: true });
		const settled = (): void => signal.removeEventListener('abort', onAbort);
		return {
			resolve: (value) => {
				settled();
				resolve(value);
			},
			reject: (reason) => {
				settled();
				reject(reason);
			},
		};
	}

	async #listen(): Promise<void> {
		if (this.#connection === undefined || this.#isListening) return;
		this.#isListening = true;
		const opened = this.#connection[ends];
		try {
			while (this.#waiting.size > 0) {
				const frames = await Inbox.read(opened);
				for (const frame of frames) this.#settle(frame);
				await breather.breathe();
			}
		} catch (error) {
			this.fail(error);
		} finally {
			this.#isListening = false;
		}
	}

	#settle(frame: Frame): void {
		const waiting = this.#waiting.get(frame.call);
		if (waiting === undefined) return;
		this.#waiting.delete(frame.call);
		const { content, kind } = frame;
		if (kind === ANSWER.self) waiting.resolve(waiting.proxy);
		else if (kind === ANSWER.cancelled) waiting.reject(waiting.signal?.reason);
		else if (kind === ANSWER.thrown) void thrownBy(frame).then(waiting.reject);
		else if (content === undefined) waiting.resolve(undefined);
		else if ('failure' in content) waiting.reject(content.failure);
		else waiting.resolve(content.value);
	}
}
