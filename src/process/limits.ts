/** What a process may use at most: the type, the check, and what Node is told of it. */
import { rangeError, typeError } from '../base/errors.ts';
import { checkKnown } from '../base/known-options.ts';

/** What one task of a pool may use at most. */
export interface TaskLimits {
	/** Bytes of memory of its own: neither shared nor of files, with what Node needs (some 10 MiB). At least 32 MiB. */
	readonly memory?: number | undefined;
	/** Milliseconds of processor time. */
	readonly cpuTime?: number | undefined;
	/** Milliseconds from its start. */
	readonly wallTime?: number | undefined;
}

/** What a process may use at most. All but `openFiles` are for it and its descendants together. */
export interface ProcessLimits extends TaskLimits {
	/** Descriptors at a time, those of Node (some 30) included. At least 64. */
	readonly openFiles?: number | undefined;
	/** Descendants at a time; what is started beyond is killed. 0: none. */
	readonly processes?: number | undefined;
}

/** The limit that ended a process. */
export type ExitReason = 'memory' | 'cpuTime' | 'wallTime';

const MIB: number = 2 ** 20;

interface Range {
	readonly least: number;
	readonly unit: string;
	readonly isWhole: boolean;
	/** Why not less. */
	readonly because?: string;
}

const RANGES: Readonly<Record<keyof ProcessLimits, Range>> = {
	memory: { least: 32 * MIB, unit: 'bytes', isWhole: true, because: 'Node itself needs that' },
	cpuTime: { least: 1, unit: 'ms', isWhole: false },
	wallTime: { least: 1, unit: 'ms', isWhole: false },
	openFiles: { least: 64, unit: 'descriptors', isWhole: true, because: 'Node itself needs half of that' },
	processes: { least: 0, unit: 'processes', isWhole: true },
};

/** Limits that a task of a pool can have. */
export const TASK_LIMITS: readonly (keyof TaskLimits)[] = ['memory', 'cpuTime', 'wallTime'];
export const PROCESS_LIMITS: readonly (keyof ProcessLimits)[] = [...TASK_LIMITS, 'openFiles', 'processes'];

function checkLimit(name: keyof ProcessLimits, value: unknown, call: string): void {
	const { least, unit, isWhole, because } = RANGES[name];
	if (typeof value !== 'number') throw typeError(`${call}: limits.${name} must be a number, not ${typeof value}`);
	const isRight = isWhole ? Number.isSafeInteger(value) : Number.isFinite(value);
	if (isRight && value >= least) return;
	const kind = isWhole ? 'a whole number of ' : '';
	const reason = because === undefined ? '' : ` (${because})`;
	throw rangeError(`${call}: limits.${name} must be ${kind}${unit}, at least ${least}${reason}; ${value} is not`);
}

/** @throws TypeError, RangeError */
export function checkProcessLimits(limits: unknown, call: string, known: readonly (keyof ProcessLimits)[]): void {
	if (typeof limits !== 'object' || limits === null) {
		throw typeError(`${call}: limits must be an object like {memory, wallTime}, not ${String(limits)}`);
	}
	checkKnown(limits, known, `${call}: limits`);
	for (const name of known) {
		const value = (limits as ProcessLimits)[name];
		if (value !== undefined) checkLimit(name, value, call);
	}
}

/** Of the limit, what JavaScript's objects may have; the rest is for young objects, buffers, and Node. */
const SHARE_OF_OBJECTS = 0.75;
/** Young objects get three of these. */
const SEMI_SPACES = 64;
const LARGEST_SEMI_SPACE = 16;

/** V8's own limits. It collects more often when it comes near them; by itself it would let garbage grow for long. */
export function heapFlags({ memory }: ProcessLimits): string[] {
	if (memory === undefined) return [];
	const size = memory / MIB;
	const semiSpace = Math.min(LARGEST_SEMI_SPACE, Math.max(1, Math.floor(size / SEMI_SPACES)));
	return [`--max-old-space-size=${Math.floor(size * SHARE_OF_OBJECTS)}`, `--max-semi-space-size=${semiSpace}`];
}
