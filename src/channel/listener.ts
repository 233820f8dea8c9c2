/** Waits for other programs to connect: CPython's `multiprocessing.connection.Listener`. */
import { signalOf } from '../base/deadline.ts';
import { ClosedError, typeError } from '../base/errors.ts';
import { checkKnown } from '../base/known-options.ts';
import { handoff } from '../wire/handoff.ts';
import type { Address } from './address.ts';
import type { Connection } from './connection.ts';
import { checkListenerOptions, type ListenerOptions } from './listener-options.ts';
import { Listening, type ListeningOptions } from './listening.ts';

export interface AcceptOptions {
	/** Ends the wait; whoever comes is left to the next `accept`. */
	signal?: AbortSignal | undefined;
}

/**
 * Accepts connections from other programs, of this machine or others, also from those that use Python's
 * `multiprocessing.connection.Client`. It keeps the event loop alive only while an `accept` is pending. The file of its
 * socket is removed when it is closed, and when this process ends by itself.
 *
 * @example
 * ```js
 * const listener = new mp.Listener({ address: ['localhost', 6000], authkey: Buffer.from('secret') });
 * await listener.ready;
 * const connection = await listener.accept();
 * console.log(await connection.recv(), 'from', listener.lastAccepted);
 * ```
 */
export class Listener implements Disposable {
	/** Resolves when it listens. Rejects with `ProcessError` ERR_MP_LISTEN if it cannot, for instance as the address is in use. */
	readonly ready: Promise<void>;
	readonly #begun: Promise<Listening>;
	#address: Address | undefined;
	#listening: Listening | undefined;
	#lastAccepted: Address | null = null;
	#closed = false;

	constructor(options: ListenerOptions = {}) {
		const settings = checkListenerOptions(options);
		this.#address = settings.address;
		this.#begun = this.#begin(settings);
		this.ready = this.#begun.then(() => {});
		this.ready.catch(() => {}); // `accept` tells it, too
	}

	async #begin(settings: ListeningOptions): Promise<Listening> {
		const listening = await Listening.begin(settings);
		if (this.#closed) {
			listening.close();
			throw new ClosedError('Listener: it was closed before it listened.');
		}
		listening.closeWhenCollected(this);
		this.#listening = listening;
		this.#address = listening.address;
		return listening;
	}

	/** Where it listens, as `Client` takes it; before it is `ready`, what it was told. `null`: that is not known yet. */
	get address(): Address | null {
		return this.#address ?? null;
	}

	/** Where the connection came from that was accepted last (`''`: from this machine); `null` before the first. */
	get lastAccepted(): Address | null {
		return this.#lastAccepted;
	}

	/**
	 * Waits for the next connection. With a key, both sides have proved by then that they know it; handshakes of several
	 * clients go on beside each other, and take 5000 ms each at most.
	 *
	 * @throws AuthenticationError if a client did not know the key, had none or gave up; the listener goes on
	 * @throws ClosedError if the listener is closed, before or meanwhile
	 */
	async accept(options: AcceptOptions = {}): Promise<Connection> {
		if (typeof options !== 'object' || options === null) {
			throw typeError('Listener.accept: options must be an object {signal}');
		}
		checkKnown(options, ['signal'], 'Listener.accept');
		const signal = signalOf(options.signal, 'Listener.accept');
		this.#checkOpen();
		signal?.throwIfAborted();
		const { arrivals } = this.#listening ?? (await this.#begun);
		signal?.throwIfAborted();
		const { connection, from } = await arrivals.accept(signal);
		this.#lastAccepted = from;
		return connection;
	}

	/** Stops listening. Connections that were accepted live on; those that were not are closed. May be called again. */
	close(): void {
		this.#closed = true;
		this.#listening?.close();
	}

	[Symbol.dispose](): void {
		this.close();
	}

	/** Not a value: what it accepts can be sent, it stays where it is. */
	[handoff](): never {
		throw typeError('a Listener cannot be sent to another process; send what it accepts, or its address');
	}

	#checkOpen(): void {
		if (this.#closed) throw new ClosedError('Listener.accept: this listener is closed.');
	}
}
