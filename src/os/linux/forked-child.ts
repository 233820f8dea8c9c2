/** A child that this process, or its fork server, has forked: Node knows nothing of it. */
import { now } from '../../base/deadline.ts';
import type { Child, DescriptorWatch, ExitCode, Kin, ThreadIdentity } from '../contract.ts';
import { closeSentinel } from './exit-watch.ts';
import { forgetLifeline } from './lifeline.ts';
import { waitSentinels } from './poll.ts';
import { signalTree } from './tree.ts';
import { watch } from './watch.ts';

/** Where a child's exit status comes from. */
export interface ExitSource {
	/** Ready when there is something to read. */
	readonly fd: number;
	/** Counts how often the descriptor has become one for something else. */
	readonly generation: number;
	/** How the child ended, if that can be told now. Once. */
	read(): ExitCode | null;
}

const abandoned = new FinalizationRegistry<number>(closeSentinel);
const SPENT = -1;

export class ForkedChild implements Child {
	readonly pid: number;
	readonly identity: ThreadIdentity;
	readonly stdio: readonly unknown[];
	readonly copiedMemory: number;
	readonly exited: Promise<ExitCode>;
	exitCode: ExitCode | null = null;
	readonly #source: ExitSource;
	readonly #lifeline: number | undefined;
	readonly #listeners: (() => void)[] = [];
	#watch: DescriptorWatch;
	#generation = 0;
	#held = true;
	#sentinelIsPublic = false;
	#closed = false;
	#resolve!: (code: ExitCode) => void;

	constructor(
		identity: ThreadIdentity,
		source: ExitSource,
		stdio: readonly unknown[],
		lifeline: number | undefined,
		copiedMemory: number = 0,
	) {
		this.copiedMemory = copiedMemory;
		this.pid = identity.pid;
		this.identity = identity;
		this.stdio = stdio;
		this.#source = source;
		this.#lifeline = lifeline;
		this.exited = new Promise((resolve) => {
			this.#resolve = resolve;
		});
		this.#watch = watch(source.fd, () => this.#look());
	}

	get sentinel(): number {
		if (!this.#sentinelIsPublic && !this.#closed) {
			this.#sentinelIsPublic = true;
			abandoned.register(this, this.#source.fd, this);
		}
		return this.#closed ? SPENT : this.#source.fd;
	}

	waitSync(timeout: number): ExitCode | null {
		const end = now() + timeout;
		while (this.exitCode === null) {
			if (waitSentinels([this.#source.fd], Math.max(0, end - now())).length === 0) return null;
			this.#look();
		}
		return this.exitCode;
	}

	whenEnded(callback: () => void): void {
		this.#listeners.push(callback);
		if (this.exitCode !== null) this.#tell();
	}

	kill(signal: NodeJS.Signals): void {
		if (this.exitCode !== null) return;
		try {
			process.kill(this.pid, signal);
		} catch (error) {
			if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
		}
	}

	killTree(signal: NodeJS.Signals, kin: Kin): void {
		if (this.exitCode === null) signalTree(this.pid, signal, kin);
	}

	ref(): void {
		this.#hold(true);
	}

	unref(): void {
		this.#hold(false);
	}

	bury(): void {
		if (this.exitCode === null) this.#look();
	}

	close(): void {
		if (this.#closed) return;
		this.#closed = true;
		this.#watch.close();
		abandoned.unregister(this);
		closeSentinel(this.#source.fd);
	}

	#hold(on: boolean): void {
		this.#held = on;
		this.#watch.hold(on);
	}

	#look(): void {
		if (this.exitCode !== null || this.#closed) return;
		const code = this.#source.read();
		if (code !== null) {
			this.#end(code);
		} else if (this.#source.generation !== this.#generation) {
			this.#generation = this.#source.generation;
			this.#watch.close();
			this.#watch = watch(this.#source.fd, () => this.#look());
			this.#watch.hold(this.#held);
		}
	}

	#end(code: ExitCode): void {
		this.exitCode = code;
		this.#watch.close();
		if (this.#lifeline !== undefined) forgetLifeline(this.#lifeline);
		if (!this.#sentinelIsPublic) this.close();
		this.#tell();
		this.#resolve(code);
	}

	#tell(): void {
		for (const listener of this.#listeners.splice(0)) listener();
	}
}

/** Of a child whose end nobody was there to see. */
export const UNKNOWN_EXIT: ExitCode = 255;
