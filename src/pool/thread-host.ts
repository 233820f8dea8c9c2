/** Workers that are threads of this process. */
import { Pipe } from '../channel/pipe.ts';
import { RawArray } from '../memory/raw-array.ts';
import { SharedWords } from '../memory/words.ts';
import { startThread, type Thread } from '../process/thread-launcher.ts';
import { CLAIMS, Claims } from './claims.ts';
import type { Hiring, Host } from './host.ts';
import { inUsersWords, type WorkerOrders } from './orders.ts';
import { work } from './worker/reference.ts';

export class ThreadHiring implements Hiring {
	readonly kind = 'thread';
	readonly name: string;
	readonly #orders: WorkerOrders;

	constructor(name: string, orders: WorkerOrders) {
		this.name = name;
		this.#orders = orders;
	}

	async start(name: string): Promise<Host> {
		const [connection, theirs] = Pipe();
		const claims = new RawArray('i', CLAIMS);
		const { settings, initializer, initargs } = this.#orders;
		try {
			const args = [theirs, claims, settings, initializer, initargs];
			const thread = await startThread(name, { target: work as never, args });
			return new ThreadHost(thread, connection, new Claims(new SharedWords(claims.view)));
		} catch (error) {
			connection.close();
			throw inUsersWords(error);
		} finally {
			theirs.close();
		}
	}
}

class ThreadHost implements Host {
	readonly connection: Host['connection'];
	readonly claims: Claims;
	readonly pid: number;
	readonly exited: Promise<number>;
	readonly understands = undefined;
	readonly exitReason = null;
	readonly #thread: Thread;

	constructor(thread: Thread, connection: Host['connection'], claims: Claims) {
		this.#thread = thread;
		this.connection = connection;
		this.claims = claims;
		this.pid = thread.id;
		this.exited = thread.exited;
	}

	terminate(): void {
		this.#thread.kill();
	}

	kill(): void {
		this.#thread.kill();
	}

	hold(on: boolean): void {
		this.#thread.hold(on);
	}
}
