/**
 * Who this process is in the family: its name, its place in the tree, its parent, and how far a child has come. The one
 * piece of state that the child's bootstrap and the public API share, so it is small and imports nothing heavy: most
 * children run their target without ever loading the rest.
 *
 * One object per JS thread. It does not know how processes are started or ended.
 */
import type { ThreadIdentity } from '../os/contract.ts';

/** How processes are started. */
export type StartMethod = 'forkserver' | 'spawn' | 'fork';

/** What a logger may be asked to write, the least urgent first. */
export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** What becomes of log messages; inherited. */
export interface Logging {
	readonly level: LogLevel;
	readonly toStderr: boolean;
}

/** What a child knows of its parent. */
export interface ParentRecord {
	readonly name: string;
	readonly identity: ThreadIdentity;
	/** The descriptor that tells of its end. */
	readonly lifeline: number;
}

/** What a process is told by its parent about itself. */
export interface Origin {
	readonly name: string;
	/** The numbers in the default name: `[1, 2]` for `Process-1:2`. */
	readonly lineage: readonly number[];
	readonly daemon: boolean;
	readonly authkey: Uint8Array;
	readonly startMethod: StartMethod;
	readonly logging: Logging;
	readonly parent: ParentRecord;
}

/** A child is `'loading'` until the modules its target lives in are imported, `'running'` from then on. */
export type Phase = 'loading' | 'running';

const AUTHKEY_LENGTH = 32;

export class Self {
	name = 'MainProcess';
	lineage: readonly number[] = [];
	daemon = false;
	/** How this process was started; `null` in the program itself. */
	startMethod: StartMethod | null = null;
	logging: Logging = { level: 'warn', toStderr: false };
	parent: ParentRecord | null = null;
	phase: Phase = 'running';
	/** The object of a subclass that this process runs, or the one made for `currentProcess()`. */
	process: object | undefined;
	/**
	 * What is to be called for an object of a subclass to be the one that stands for this process; there once such a class has
	 * been loaded.
	 */
	standIn: ((object: object, callTarget: () => unknown) => () => void) | undefined;
	/** Whether the code that runs now was set off by a module being imported, not by the target. */
	isLoading: () => boolean = () => this.phase === 'loading';
	/** Imports modules of the program, which take themselves for modules meanwhile, and not for the program. */
	whileLoading: <T>(load: () => Promise<T>) => Promise<T> = (load) => load();
	#authkey: Buffer | undefined;
	/** The parent's, of which a copy is made when it is first asked for. */
	#inherited: Uint8Array | undefined;
	#children = 0;

	/** Whether this is the program itself and not one of its children. */
	get isRoot(): boolean {
		return this.parent === null;
	}

	/** Inherited; in the root program random, made when first asked for. */
	get authkey(): Buffer {
		this.#authkey ??=
			this.#inherited === undefined
				? process.getBuiltinModule('node:crypto').randomBytes(AUTHKEY_LENGTH)
				: Buffer.from(this.#inherited);
		return this.#authkey;
	}

	set authkey(key: Uint8Array) {
		this.#authkey = Buffer.from(key);
	}

	/** The lineage of the next child. */
	nextLineage(): readonly number[] {
		this.#children += 1;
		return [...this.lineage, this.#children];
	}

	/** In a process that is going to be forked: V8 need not learn from each child that these fields may hold anything. */
	practise(parent: ParentRecord): void {
		const kept = { ...this };
		const { name, lineage, daemon, logging } = this;
		const [authkey, inherited, children] = [this.#authkey, this.#inherited, this.#children];
		for (const described of [parent, { ...parent }]) {
			this.become({
				name,
				lineage,
				daemon,
				authkey: new Uint8Array(),
				startMethod: 'fork',
				logging,
				parent: described,
			});
			this.process = described;
		}
		Object.assign(this, kept);
		[this.#authkey, this.#inherited, this.#children] = [authkey, inherited, children];
	}

	/** Makes this process the child that its parent described. */
	become(origin: Origin): void {
		this.name = origin.name;
		this.lineage = origin.lineage;
		this.daemon = origin.daemon;
		this.#authkey = undefined;
		this.#inherited = origin.authkey;
		this.startMethod = origin.startMethod;
		this.logging = origin.logging;
		this.parent = origin.parent;
		this.phase = 'loading';
		this.#children = 0;
	}
}

export const self: Self = new Self();
