/**
 * Sees to it that a task keeps to its limits: looks now and then at what its worker, with all it has started, uses while
 * the task runs. Its time and its processor time count from the first look at which it runs.
 */
import { chores } from '../base/chores.ts';
import { now } from '../base/deadline.ts';
import { platform } from '../os/platform.ts';
import { kin } from '../process/kin.ts';
import { usageOfAll } from '../process/limit-watch.ts';
import type { ExitReason, TaskLimits } from '../process/limits.ts';
import type { Work } from './work.ts';

interface Beginning {
	readonly time: number;
	readonly cpuTime: number;
}

function usageOfWorker(pid: number): ReturnType<typeof usageOfAll> {
	return usageOfAll(platform.treeOf(pid, kin()));
}

export class Meter {
	readonly #watched = new Map<Work, () => void>();
	readonly #verdicts = new WeakMap<Work, ExitReason>();
	readonly #onPassed: (work: Work) => void;

	/** `onPassed` is called once with a work that has passed a limit. */
	constructor(onPassed: (work: Work) => void) {
		this.#onPassed = onPassed;
	}

	/** A work is the next thing that its worker does. */
	begin(work: Work): void {
		const { limits } = work;
		if (limits === undefined) return;
		this.#verdicts.delete(work);
		let beginning: Beginning | undefined;
		const look = (): void => {
			if (work.worker?.runs(work) !== true) return;
			const { pid } = work.worker.host;
			const { memory, cpuTime } = usageOfWorker(pid);
			beginning ??= { time: now(), cpuTime };
			const reason = passed(limits, memory, cpuTime - beginning.cpuTime, now() - beginning.time);
			if (reason !== undefined) this.#condemn(work, reason);
		};
		this.end(work);
		this.#watched.set(work, chores.add(look));
	}

	end(work: Work): void {
		this.#watched.get(work)?.();
		this.#watched.delete(work);
	}

	/** The limit that it was found to have passed. */
	verdict(work: Work): ExitReason | undefined {
		return this.#verdicts.get(work);
	}

	#condemn(work: Work, reason: ExitReason): void {
		this.#verdicts.set(work, reason);
		this.end(work);
		this.#onPassed(work);
	}
}

function passed(limits: TaskLimits, memory: number, cpuTime: number, time: number): ExitReason | undefined {
	const used = { wallTime: time, memory, cpuTime };
	const names = Object.keys(used) as ExitReason[];
	return names.find((name) => used[name] > (limits[name] ?? Number.POSITIVE_INFINITY));
}
