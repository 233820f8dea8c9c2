/**
 * Sees to it that a process keeps to its limits: looks at it and its descendants some forty times a second, also while
 * this thread is blocked in a wait, and kills them all when a limit is passed. What the kernel can do of this it does
 * by itself (os/linux/confinement.ts), also while this thread computes.
 *
 * Descendants that were once seen are remembered: losing its parent frees none of them from the limits, and all end with
 * the process whose limits they are. One that is started and loses its parent between two looks is missed.
 *
 * Which limit ended a process is told by its exit code together with what was seen last:
 *
 * - SIGKILL after a verdict of ours: that limit. If it ended in another way meanwhile, none.
 * - SIGXCPU, or SIGKILL with the processor time used up: `cpuTime`.
 * - A fatal error of V8 (SIGABRT, SIGTRAP, SIGILL) or a fault (SIGSEGV, SIGBUS) of a process with a limit of memory that
 *   had used at least half of it: `memory`. With less it was `process.abort()`, or a fault of native code.
 * - Exit code 1 at nine tenths of the limit: an allocation failed, and nobody caught the error: `memory`.
 * - SIGKILL while the kernel says that it has killed somebody for want of memory: `memory`. Otherwise somebody else did it.
 */
import { constants } from 'node:os';
import { chores } from '../base/chores.ts';
import { now } from '../base/deadline.ts';
import type { Child, ExitCode, Kin, ThreadIdentity, Usage } from '../os/contract.ts';
import { platform } from '../os/platform.ts';
import { kin } from './kin.ts';
import type { ExitReason, ProcessLimits } from './limits.ts';
import { type CheckedPermissions, mayStartProcesses } from './permissions.ts';

const { SIGABRT, SIGTRAP, SIGILL, SIGSEGV, SIGBUS, SIGKILL, SIGXCPU } = constants.signals;
const FATAL: readonly ExitCode[] = [-SIGABRT, -SIGTRAP, -SIGILL, -SIGSEGV, -SIGBUS];
const UNCAUGHT: ExitCode = 1;

/** Shares of the limit of memory from which on a death of that kind is put down to it. */
const ENOUGH_FOR_FATAL = 0.5;
const ENOUGH_FOR_UNCAUGHT = 0.9;

/** So many looks after the last one, descendants are looked for in any case; and only then if it may not have any. */
const FULL_LOOK = 40;

/** Of processes together. */
export function usageOfAll(processes: readonly ThreadIdentity[]): Usage {
	let [memory, cpuTime] = [0, 0];
	for (const { pid } of processes) {
		const usage = platform.usageOf(pid);
		memory += usage?.memory ?? 0;
		cpuTime += usage?.cpuTime ?? 0;
	}
	return { memory, cpuTime };
}

export class LimitWatch {
	/** Which limit ended it; `null` while it runs, or if it was none. */
	reason: ExitReason | null = null;
	readonly #child: Child;
	readonly #limits: ProcessLimits;
	readonly #mayHaveChildren: boolean;
	readonly #deadline: number;
	/** What the kernel had counted before. */
	readonly #memoryKills: number;
	readonly #stop: () => void;
	#last: Usage = { memory: 0, cpuTime: 0 };
	#verdict: ExitReason | undefined;
	#descendants: readonly ThreadIdentity[] = [];
	#newest: number | null = null;
	/** For which that has been the same. */
	#quietLooks = 0;

	/** From its start on. */
	constructor(child: Child, limits: ProcessLimits, permissions: CheckedPermissions | undefined) {
		this.#child = child;
		this.#limits = limits;
		this.#mayHaveChildren = permissions === undefined || mayStartProcesses(permissions);
		this.#deadline = now() + (limits.wallTime ?? Number.POSITIVE_INFINITY);
		this.#memoryKills = limits.memory === undefined ? 0 : platform.memoryKills();
		this.#stop = chores.add(() => this.#look());
		child.whenEnded(() => this.#ended());
	}

	/** Its descendants, as far as only this knows them. */
	get kin(): Kin {
		return kin(this.#descendants);
	}

	#look(): void {
		const { identity } = this.#child;
		if (this.#child.exitCode !== null || !platform.isAlive(identity)) return;
		this.#lookForDescendants();
		const own = platform.usageOf(identity.pid);
		if (own === null) return; // it is about to have ended, and uses nothing any more
		const theirs = usageOfAll(this.#descendants);
		const [memory, cpuTime] = [own.memory + theirs.memory, own.cpuTime + theirs.cpuTime];
		this.#last = { memory: memory - this.#child.copiedMemory, cpuTime };
		this.#verdict ??= this.#passed();
		if (this.#verdict !== undefined) this.#child.killTree('SIGKILL', this.kin);
		else this.#removeExcess();
	}

	#lookForDescendants(): void {
		this.#quietLooks += 1;
		const mayBeNew = this.#mayHaveChildren && this.#hasAnybodyBegun();
		if (!mayBeNew && this.#quietLooks % FULL_LOOK !== 0) return;
		const { pid: own } = this.#child.identity;
		this.#descendants = platform.treeOf(own, this.kin).filter(({ pid }) => pid !== own);
	}

	/**
	 * Where no process or thread has begun there are no new descendants. To look for them takes a file for each of its threads,
	 * which is why it is not done then, but for one look more: a pid is given to a process before that can be seen.
	 */
	#hasAnybodyBegun(): boolean {
		const newest = platform.newestPid();
		if (newest === null || newest !== this.#newest) this.#quietLooks = 0;
		this.#newest = newest;
		return this.#quietLooks <= 1;
	}

	#passed(): ExitReason | undefined {
		const { memory = Number.POSITIVE_INFINITY, cpuTime = Number.POSITIVE_INFINITY } = this.#limits;
		if (now() >= this.#deadline) return 'wallTime';
		if (this.#last.memory > memory) return 'memory';
		return this.#last.cpuTime > cpuTime ? 'cpuTime' : undefined;
	}

	/** The latest go first. */
	#removeExcess(): void {
		const { processes = Number.POSITIVE_INFINITY } = this.#limits;
		if (this.#descendants.length <= processes) return;
		const byAge = this.#descendants.toSorted((a, b) => a.startTime - b.startTime || a.pid - b.pid);
		for (const late of byAge.slice(processes)) platform.killDescendant(late, kin());
	}

	#ended(): void {
		this.#stop();
		this.reason = this.#conclude(this.#child.exitCode);
		for (const left of this.#descendants) platform.killDescendant(left, this.kin);
		this.#descendants = [];
	}

	#conclude(exitCode: ExitCode | null): ExitReason | null {
		if (exitCode === null) return null;
		if (this.#verdict !== undefined) return exitCode === -SIGKILL ? this.#verdict : null;
		if (this.#endedByTime(exitCode)) return 'cpuTime';
		return this.#endedByMemory(exitCode) ? 'memory' : null;
	}

	#endedByTime(exitCode: ExitCode): boolean {
		const { cpuTime } = this.#limits;
		if (cpuTime === undefined) return false;
		return exitCode === -SIGXCPU || (exitCode === -SIGKILL && this.#last.cpuTime >= cpuTime);
	}

	#endedByMemory(exitCode: ExitCode): boolean {
		const { memory } = this.#limits;
		if (memory === undefined) return false;
		if (FATAL.includes(exitCode)) return this.#last.memory >= memory * ENOUGH_FOR_FATAL;
		if (exitCode === UNCAUGHT) return this.#last.memory >= memory * ENOUGH_FOR_UNCAUGHT;
		return exitCode === -SIGKILL && platform.memoryKills() > this.#memoryKills;
	}
}
