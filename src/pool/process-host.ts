/** Workers that are processes: daemons to their parent, which may have children all the same. */
import { Pipe } from '../channel/pipe.ts';
import { RawArray } from '../memory/raw-array.ts';
import { SharedWords } from '../memory/words.ts';
import type { ExitReason } from '../process/limits.ts';
import type { ChildProcessOptions } from '../process/options.ts';
import { boundMethod, ended, mayHaveChildren, Process } from '../process/process.ts';
import type { StartMethod } from '../process/self.ts';
import { getStartMethod } from '../process/start-method.ts';
import { modulesIn } from '../wire/codec.ts';
import { CLAIMS, Claims } from './claims.ts';
import type { Hiring, Host } from './host.ts';
import { inUsersWords, type WorkerOrders } from './orders.ts';
import { unreadableMain } from './unfinished-main.ts';
import { loadWork, work } from './worker/reference.ts';

/** The class of the processes. */
export function workerClass(method: StartMethod | undefined): typeof Process {
	return class PoolWorker<Args extends readonly unknown[] = readonly []> extends Process<Args> {
		static override readonly [boundMethod] = method;
		static override readonly [mayHaveChildren] = true;
	};
}

/** How processes are started. */
export interface Manner {
	/** `undefined`: as the program does. */
	readonly method: StartMethod | undefined;
	readonly options: ChildProcessOptions;
}

export class ProcessHiring implements Hiring {
	readonly kind = 'process';
	readonly name: string;
	readonly #class: typeof Process;
	readonly #manner: Manner;
	readonly #orders: WorkerOrders;

	constructor(name: string, orders: WorkerOrders, manner: Manner) {
		this.name = name;
		this.#class = workerClass(manner.method);
		this.#manner = manner;
		this.#orders = orders;
	}

	async start(name: string): Promise<Host> {
		const [connection, theirs] = Pipe();
		const claims = new RawArray('i', CLAIMS);
		const { settings, initializer, initargs } = this.#orders;
		const process = new this.#class<never>({
			target: work,
			args: [theirs, claims, settings, initializer, initargs],
			name,
			...this.#manner.options,
			daemon: true,
		} as never);
		let unreadable: string | undefined;
		try {
			if ((this.#manner.method ?? getStartMethod()) === 'fork') {
				await loadWork();
				unreadable = await unreadableMain();
			}
			await process.start();
		} catch (error) {
			connection.close();
			throw inUsersWords(error);
		} finally {
			theirs.close();
		}
		return new ProcessHost(process, connection, new Claims(new SharedWords(claims.view)), unreadable);
	}
}

class ProcessHost implements Host {
	readonly connection: Host['connection'];
	readonly claims: Claims;
	readonly pid: number;
	readonly exited: Promise<number>;
	readonly understands: Host['understands'];
	readonly #process: Process<never>;
	#hold: AbortController | undefined;

	constructor(process: Process<never>, connection: Host['connection'], claims: Claims, unreadable: string | undefined) {
		this.understands = unreadable === undefined ? undefined : (pickled) => !modulesIn(pickled).includes(unreadable);
		this.#process = process;
		this.connection = connection;
		this.claims = claims;
		this.pid = process.pid!;
		this.exited = process[ended];
	}

	get exitReason(): ExitReason | null {
		return this.#process.exitReason;
	}

	terminate(): void {
		this.#process.terminate();
	}

	kill(): void {
		this.#process.kill({ tree: true });
	}

	/** Waiting for a process keeps this one alive until it has ended. */
	hold(on: boolean): void {
		this.#hold?.abort();
		this.#hold = undefined;
		if (!on || this.#process.exitCode !== null) return;
		this.#hold = new AbortController();
		this.#process.join({ signal: this.#hold.signal }).catch(() => {});
	}
}
