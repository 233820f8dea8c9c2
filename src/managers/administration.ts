/** What is behind a manager's face: its server's process, if it has one, and the way to its server. */
import type { WaitOptions } from '../base/deadline.ts';
import { EOFError, ProcessError, rangeError, typeError } from '../base/errors.ts';
import { checkKnown } from '../base/known-options.ts';
import { type Address, checkAddress } from '../channel/address.ts';
import { checkKey } from '../channel/authkey.ts';
import { Pipe } from '../channel/pipe.ts';
import { removePrivateFolder } from '../channel/socket-file.ts';
import { methodOf, type PoolContext } from '../pool/kit.ts';
import { finalizers } from '../process/finalizers.ts';
import { assertMayStart } from '../process/guard.ts';
import { boundMethod, mayHaveChildren, Process } from '../process/process.ts';
import { type StartMethod, self } from '../process/self.ts';
import { getStartMethod } from '../process/start-method.ts';
import { decodeThrownAsync } from '../wire/remote-error.ts';
import { connectTo, type Link, LinkHolder } from './client/link.ts';
import { REQUEST } from './messages.ts';
import type { Report } from './process/main.ts';
import { loadServe, serve } from './process/reference.ts';
import { registrationsOf } from './registry.ts';
import { unlinkSegment } from './segments.ts';
import { newServerName, Serving } from './serving.ts';
import type { ServerPlace } from './token.ts';

export interface ManagerOptions {
	/** Where the server listens; by default a path that nobody else can guess. */
	address?: Address | undefined;
	/** Who does not know it is not let in; by default the key of this process, which its children have as well. */
	authkey?: Uint8Array | undefined;
	/** How the server's process is started: what `getContext` returns, or the name of a start method. */
	context?: PoolContext | StartMethod | undefined;
	/** Milliseconds that the server has to end by itself, and after SIGTERM, before it is killed; 1000 by default. */
	shutdownTimeout?: number | undefined;
}

const OPTIONS: readonly string[] = ['address', 'authkey', 'context', 'shutdownTimeout'];
const SHUTDOWN_TIMEOUT = 1000;
/** For a finalizer: once the daemons have ended. */
const AFTER_CHILDREN = -100;

/** The class of the processes; their names begin with that of the manager's class. */
function processClass(name: string, method: StartMethod | undefined): typeof Process {
	const made = {
		[name]: class<Args extends readonly unknown[] = readonly []> extends Process<Args> {
			static override readonly [boundMethod] = method;
			static override readonly [mayHaveChildren] = true;
		},
	};
	return made[name] as typeof Process;
}

type State = 'new' | 'starting' | 'started' | 'connected' | 'ended';

const NOT_YET = 'has no server yet; call start() or connect() first, and await it';
const STATES: Readonly<Record<State, string>> = {
	new: NOT_YET,
	starting: NOT_YET,
	started: 'has been started already',
	connected: 'is connected already',
	ended: 'has been shut down; make another one',
};

export class Administration {
	readonly #class: object;
	readonly #name: string;
	readonly #address: Address | undefined;
	readonly #authkey: Uint8Array | undefined;
	readonly #method: StartMethod | undefined;
	readonly #shutdownTimeout: number;
	#state: State = 'new';
	#process: Process<never> | undefined;
	#place: ServerPlace | undefined;
	#holder: LinkHolder | undefined;
	#ending: Promise<void> | undefined;
	/** Of shared memory that was made through it. */
	readonly #segments: string[] = [];
	#cancelTidying: () => void = () => {};

	constructor(managerClass: { readonly name: string }, options: ManagerOptions) {
		const name = managerClass.name || 'Manager';
		const call = `new ${name}`;
		if (typeof options !== 'object' || options === null) {
			throw typeError(`${call}: options must be an object {${OPTIONS.join(', ')}}`);
		}
		checkKnown(options, OPTIONS, call);
		const { address, authkey, context, shutdownTimeout = SHUTDOWN_TIMEOUT } = options;
		this.#class = managerClass;
		this.#name = name;
		this.#address = address === undefined ? undefined : checkAddress(address, undefined, call);
		this.#authkey = authkey === undefined ? undefined : checkKey(authkey, call);
		this.#method = methodOf(context, call);
		this.#shutdownTimeout = checkedTimeout(shutdownTimeout, call);
	}

	/** A manager in another process than the one that made it, over the same server. */
	static at(managerClass: { readonly name: string }, place: ServerPlace): Administration {
		const made = new Administration(managerClass, {});
		made.#arrive(place);
		made.#state = 'connected';
		return made;
	}

	get address(): Address | null {
		return this.#place?.address ?? this.#address ?? null;
	}

	/** The way to the server. @throws ProcessError if there is none */
	place(call: string): ServerPlace {
		if (this.#place !== undefined && this.#state !== 'ended') return this.#place;
		throw this.#wrongState(call);
	}

	async start(initializer: unknown, initargs: unknown): Promise<void> {
		this.#begin('start');
		try {
			if (initializer !== undefined && typeof initializer !== 'function') {
				throw typeError(`${this.#name}.start: the initializer must be a function, not ${typeof initializer}`);
			}
			if (!Array.isArray(initargs)) throw typeError(`${this.#name}.start: initargs must be an array of arguments`);
			await this.#launch(initializer as never, initargs);
		} catch (error) {
			this.#state = 'new';
			throw error;
		}
		this.#state = 'started';
	}

	async connect(): Promise<void> {
		this.#begin('connect');
		try {
			if (this.#address === undefined) {
				throw typeError(
					`${this.#name}.connect: the manager was made without an address; pass {address} to its constructor`,
				);
			}
			const { place, link } = await connectTo(this.#address, this.#authkey);
			this.#arrive(place);
			if (this.#holder!.link !== link) link.close();
		} catch (error) {
			this.#state = 'new';
			throw error;
		}
		this.#state = 'connected';
	}

	/** A server in this process. */
	serve(): { readonly serving: Serving; readonly name: string } {
		this.#begin('getServer');
		this.#state = 'new'; // each call gives another one
		return { serving: new Serving(this.#servingOptions()), name: newServerName() };
	}

	async create(typeid: string, args: readonly unknown[]): Promise<unknown> {
		const content = { value: [...args, typeid], root: 'args' };
		return await this.#link(typeid).call({ kind: REQUEST.create, object: 0, content });
	}

	/** The server will remove a segment of shared memory when it ends. */
	track(segment: string): void {
		this.#segments.push(segment);
		this.#link('SharedMemory').post(REQUEST.track, 0, { value: segment, root: 'name' });
	}

	/** Ends the server that this manager has started; may be called again. */
	shutdown(): Promise<void> {
		this.#ending ??= this.#end();
		return this.#ending;
	}

	async join(options?: WaitOptions): Promise<boolean> {
		if (this.#process === undefined) throw this.#wrongState('join');
		return (await this.#process.join(options)) !== null;
	}

	#arrive(place: ServerPlace): void {
		this.#place = place;
		this.#holder = new LinkHolder(place);
	}

	#link(call: string): Link {
		this.place(call);
		return this.#holder!.link;
	}

	#begin(call: string): void {
		if (this.#state !== 'new') throw this.#wrongState(call);
		this.#state = 'starting';
	}

	#wrongState(call: string): ProcessError {
		return new ProcessError(`${this.#name}.${call}: this manager ${STATES[this.#state]}.`, {
			code: 'ERR_MP_MANAGER_STATE',
		});
	}

	#servingOptions(): ConstructorParameters<typeof Serving>[0] {
		return {
			address: this.#address,
			authkey: Buffer.from(this.#authkey ?? self.authkey),
			registrations: [...registrationsOf(this.#class).values()],
		};
	}

	async #launch(initializer: ((...args: never[]) => unknown) | undefined, initargs: readonly unknown[]): Promise<void> {
		assertMayStart(this.#name);
		const [report, theirReport] = Pipe({ duplex: false });
		const [inside, outside] = Pipe({ duplex: false });
		const orders = { options: this.#servingOptions(), report: theirReport, inside, outside, initializer, initargs };
		const server = new (processClass(this.#name, this.#method))<never>({
			target: serve,
			args: [orders],
			daemon: true,
		} as never);
		try {
			if ((this.#method ?? getStartMethod()) === 'fork') await loadServe();
			await server.start();
			theirReport.close(); // so that the server's end is the end of the report
			const { server: name, address } = await this.#awaitReport(report, server);
			this.#process = server;
			this.#arrive({ server: name, address: address!, door: outside });
			this.#cancelTidying = finalizers.add(AFTER_CHILDREN, () => this.#tidy());
		} catch (error) {
			outside.close();
			throw error;
		} finally {
			for (const end of [report, theirReport, inside]) end.close();
		}
	}

	async #awaitReport(
		report: ReturnType<typeof Pipe>[0],
		server: Process<never>,
	): Promise<Exclude<Report, { error: Uint8Array }>> {
		let news: Report;
		try {
			news = (await report.recv()) as Report;
		} catch (error) {
			if (!(error instanceof EOFError)) throw error;
			const exitCode = await server.join();
			throw new ProcessError(
				`${this.#name}.start: its server's process ended, with exit code ${exitCode}, before it served.`,
				{
					code: 'ERR_MP_MANAGER_STATE',
				},
			);
		}
		if (!('error' in news)) return news;
		await server.join();
		throw await decodeThrownAsync(news.error);
	}

	async #end(): Promise<void> {
		const state = this.#state;
		this.#state = 'ended';
		if (state !== 'started') return;
		const { link } = this.#holder!;
		// A server that is killed meanwhile, or by somebody else, has ended all the same.
		link.call({ kind: REQUEST.shutdown, object: 0 }).catch(() => {});
		const server = this.#process!;
		if ((await server.join(this.#shutdownTimeout)) === null) {
			server.terminate();
			if ((await server.join(this.#shutdownTimeout)) === null) {
				server.kill({ tree: true });
				await server.join();
			}
		}
		link.close();
		this.#place?.door?.close();
		this.#tidy();
		this.#cancelTidying();
	}

	/** Removes what the server has left if it was killed. */
	#tidy(): void {
		if (this.#address === undefined) removePrivateFolder(this.#place!.address as string);
		this.#segments.forEach(unlinkSegment);
	}
}

function checkedTimeout(timeout: unknown, call: string): number {
	if (typeof timeout !== 'number') throw typeError(`${call}: shutdownTimeout must be a number of milliseconds`);
	if (timeout >= 0) return timeout;
	throw rangeError(`${call}: shutdownTimeout is ${timeout}; it must not be negative`);
}
