/** What `polyproc map` has been asked to do: its options, checked. */
import type { parseArgs } from 'node:util';
import type { StartMethod } from '../../process/self.ts';
import { parse, startMethodOf, UsageError } from '../command.ts';

/** What the items are. */
export type ItemKind = 'lines' | 'jsonl' | 'files';

export interface Plan {
	/** `MODULE#FUNCTION`, as it was written. */
	readonly target: string;
	readonly inputs: readonly string[];
	readonly kind: ItemKind;
	readonly isOrdered: boolean;
	/** Where results go, if not to standard output; where failures go, if not to standard error. */
	readonly output: string | undefined;
	readonly errors: string | undefined;
	/** Where it is recorded how far the run has come. */
	readonly resume: string | undefined;
	readonly keepGoing: boolean;
	readonly showsProgress: boolean | undefined;
	readonly processes: number | undefined;
	readonly chunksize: number | undefined;
	/** Milliseconds. */
	readonly timeout: number | undefined;
	readonly retries: number | undefined;
	readonly startMethod: StartMethod | undefined;
}

const OPTIONS = {
	jsonl: { type: 'boolean' },
	files: { type: 'boolean' },
	unordered: { type: 'boolean' },
	output: { type: 'string', short: 'o' },
	errors: { type: 'string' },
	resume: { type: 'string' },
	'keep-going': { type: 'boolean', short: 'k' },
	progress: { type: 'boolean' },
	'no-progress': { type: 'boolean' },
	processes: { type: 'string', short: 'p' },
	chunksize: { type: 'string' },
	timeout: { type: 'string' },
	retries: { type: 'string' },
	'start-method': { type: 'string' },
	help: { type: 'boolean', short: 'h' },
} as const;

type Values = ReturnType<
	typeof parseArgs<{ args: string[]; options: typeof OPTIONS; allowPositionals: true }>
>['values'];

/** `undefined`: help is asked for. */
export function planOf(line: readonly string[]): Plan | undefined {
	const { values, positionals } = parse({ args: [...line], options: OPTIONS, allowPositionals: true });
	if (values.help === true) return undefined;
	const [target, ...inputs] = positionals;
	if (target === undefined) throw new UsageError('map: which MODULE#FUNCTION?');
	checkTogether(values);
	return {
		target,
		inputs,
		kind: kindOf(values),
		isOrdered: values.unordered !== true,
		output: values.output,
		errors: values.errors,
		resume: values.resume,
		keepGoing: values['keep-going'] === true,
		showsProgress: values.progress ?? (values['no-progress'] === true ? false : undefined),
		processes: countOf(values, 'processes', 1),
		chunksize: countOf(values, 'chunksize', 1),
		timeout: countOf(values, 'timeout', 1),
		retries: countOf(values, 'retries', 0),
		startMethod: startMethodOf(values['start-method']),
	};
}

function kindOf({ jsonl, files }: Values): ItemKind {
	if (jsonl === true) return 'jsonl';
	return files === true ? 'files' : 'lines';
}

function checkTogether(values: Values): void {
	const both = (one: keyof Values, other: keyof Values): boolean => values[one] === true && values[other] === true;
	if (both('jsonl', 'files')) throw new UsageError('map: --jsonl or --files, not both');
	if (both('progress', 'no-progress')) throw new UsageError('map: --progress or --no-progress, not both');
	if (values.resume !== undefined && values.output === undefined) {
		throw new UsageError(
			'map: --resume needs --output FILE: only a file that the command writes itself can be cut back to what is recorded',
		);
	}
	if (values.errors !== undefined && values['keep-going'] !== true) {
		throw new UsageError('map: --errors needs --keep-going: without it the first failure ends the run');
	}
	checkFiles([values.output, values.errors, values.resume]);
}

function checkFiles(files: readonly (string | undefined)[]): void {
	const named = files.filter((file) => file !== undefined);
	if (new Set(named).size < named.length) {
		throw new UsageError('map: --output, --errors and --resume must be different files');
	}
}

function countOf(values: Values, name: 'processes' | 'chunksize' | 'timeout' | 'retries', least: number) {
	const text = values[name];
	if (text === undefined) return undefined;
	const count = /^\d+$/.test(text) ? Number(text) : Number.NaN;
	if (Number.isSafeInteger(count) && count >= least) return count;
	throw new UsageError(`map: --${name} must be an integer, ${least} or more, and not "${text}"`);
}
