/**
 * Those who come to a listening socket, until a program accepts them. Handshakes run beside each other, so that nobody
 * waits for somebody else's; with a key, they begin before anybody accepts, so that a client need not wait for that. What
 * has come of one waits here, and in the system's own queue wait those beyond `MOST`.
 *
 * Only a program that accepts keeps the event loop alive.
 */
import { forkGeneration } from '../base/after-fork.ts';
import type { ClosedError } from '../base/errors.ts';
import type { DescriptorWatch } from '../os/contract.ts';
import { platform } from '../os/platform.ts';
import type { Trust } from '../wire/trust.ts';
import { type Address, addressFrom } from './address.ts';
import { Connection } from './connection.ts';
import { answer, awaitChallenge, deliver, inTime } from './handshake.ts';
import { StreamEnds } from './stream-ends.ts';

/** Handshakes under way and their results that a listener has at most. */
const MOST = 256;

/** Who came, and from where. */
export interface Arrival {
	readonly connection: Connection;
	readonly from: Address;
}

/** A connection that nobody has been given yet. */
interface Candidate extends Arrival {
	readonly ends: StreamEnds;
}

/** Who is taken in. */
export interface Hospitality {
	/** What they must know. */
	readonly key: Uint8Array | undefined;
	/** How far they are trusted. */
	readonly trust: Trust;
	/** Whether they must run as this process's user; all others are shown out before any handshake. */
	readonly isPrivate: boolean;
}

/** Somebody who accepts. */
interface Host {
	resolve(arrival: Arrival): void;
	reject(reason: unknown): void;
}

type Result = { readonly arrival: Candidate } | { readonly error: unknown };

export class Arrivals {
	readonly #fd: number;
	readonly #key: Uint8Array | undefined;
	readonly #trust: Trust;
	/** Whether only those are taken in that run as this process's user. */
	readonly #isPrivate: boolean;
	#hosts: Host[] = [];
	#shaking = new Set<Candidate>();
	#results: Result[] = [];
	#watch: DescriptorWatch | undefined;
	#generation: number = forkGeneration();
	#closed = false;

	/** `fd` is this one's from now on. */
	constructor(fd: number, { key, trust, isPrivate }: Hospitality) {
		this.#fd = fd;
		this.#key = key;
		this.#trust = trust;
		this.#isPrivate = isPrivate;
		this.#watchOn();
	}

	/** Whoever comes next, and knows the key. */
	accept(signal: AbortSignal | undefined): Promise<Arrival> {
		this.#forgetParent();
		return new Promise((resolve, reject) => {
			const onAbort = (): void => {
				this.#hosts = this.#hosts.filter((other) => other !== host);
				host.reject(signal?.reason);
				this.#watchOn();
			};
			const settled = (): void => signal?.removeEventListener('abort', onAbort);
			const host: Host = {
				resolve: (arrival) => {
					settled();
					resolve(arrival);
				},
				reject: (reason) => {
					settled();
					reject(reason);
				},
			};
			signal?.addEventListener('abort', onAbort, { once: true });
			this.#hosts.push(host);
			this.#introduce();
			this.#take();
		});
	}

	close(reason: ClosedError): void {
		this.#forgetParent();
		if (this.#closed) return;
		this.#closed = true;
		this.#watch?.close();
		this.#watch = undefined;
		platform.closeDescriptor(this.#fd);
		this.#dismiss();
		for (const host of this.#hosts.splice(0)) host.reject(reason);
	}

	/** Closes the connections that nobody has been given. */
	#dismiss(): void {
		const results = this.#results.splice(0);
		for (const { connection } of this.#shaking) connection.close();
		for (const result of results) if ('arrival' in result) result.arrival.connection.close();
		this.#shaking.clear();
	}

	/** In a forked child: it accepts on its own account, and those who came before are its parent's. */
	#forgetParent(): void {
		if (this.#generation === forkGeneration()) return;
		this.#generation = forkGeneration();
		this.#hosts = [];
		this.#watch = undefined;
		this.#dismiss();
	}

	/** Whether somebody more can be dealt with. */
	get #hasRoom(): boolean {
		if (this.#closed) return false;
		if (this.#key === undefined) return this.#hosts.length > 0;
		return this.#shaking.size + this.#results.length < MOST;
	}

	#watchOn(): void {
		if (!this.#hasRoom) {
			this.#watch?.close();
			this.#watch = undefined;
			return;
		}
		this.#watch ??= platform.watchListener(this.#fd, () => this.#take());
		this.#watch.hold(this.#hosts.length > 0);
	}

	/** Takes in whoever is there. */
	readonly #take = (): void => {
		try {
			while (this.#hasRoom && this.#takeOne());
		} catch (error) {
			this.#fail(error);
			return;
		}
		this.#watchOn();
	};

	#takeOne(): boolean {
		const accepted = platform.acceptFrom(this.#fd);
		if (accepted === undefined) return false;
		if (this.#isPrivate && !platform.isOwnUser(accepted.fd)) {
			platform.closeDescriptor(accepted.fd);
			return true;
		}
		const ends = new StreamEnds(accepted.fd, { mayBeChallenged: this.#key === undefined, trust: this.#trust });
		const candidate = { ends, connection: new Connection(ends), from: addressFrom(accepted.from) };
		if (this.#key === undefined) this.#settle({ arrival: candidate });
		else void this.#shakeHands(candidate, this.#key);
		return true;
	}

	/** The system has no descriptor left, say. Whoever accepts is told; nobody does: it is tried again when somebody will. */
	#fail(error: unknown): void {
		this.#watch?.close();
		this.#watch = undefined;
		const host = this.#hosts.shift();
		host?.reject(error);
		if (host !== undefined) this.#take();
	}

	async #shakeHands(candidate: Candidate, key: Uint8Array): Promise<void> {
		const { connection, ends } = candidate;
		this.#shaking.add(candidate);
		ends.hold(false);
		try {
			await inTime('Listener.accept', async (signal) => {
				await deliver(connection, key, signal);
				await answer(connection, await awaitChallenge(connection, signal), key, signal);
			});
			if (this.#shaking.delete(candidate)) this.#settle({ arrival: candidate });
		} catch (error) {
			connection.close();
			if (this.#shaking.delete(candidate)) this.#settle({ error });
		}
		this.#watchOn();
	}

	#settle(result: Result): void {
		this.#results.push(result);
		this.#introduce();
	}

	/** Gives results to those who accept. */
	#introduce(): void {
		while (this.#hosts.length > 0 && this.#results.length > 0) {
			const host = this.#hosts.shift()!;
			const result = this.#results.shift()!;
			if ('error' in result) {
				host.reject(result.error);
				continue;
			}
			result.arrival.ends.hold(true);
			host.resolve(result.arrival);
		}
	}
}
