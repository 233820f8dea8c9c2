/**
 * How far a run has come, in a file: a line that says which run it is, then a line for every step. A step is appended
 * when all that it speaks of has been written: which items are done, and how long the files of results and of failures
 * were then. What a killed run has written after its last step is cut off when it is resumed, and done again; so every
 * item's result is there once. A step that was being written when the run was killed is no whole line, and none at all.
 *
 * `check` is a digest of all items that are done, the same in whatever order they were done: who resumes reads the input
 * from its beginning and knows whether it is the same.
 */
import { createHash } from 'node:crypto';
import { appendFileSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { CommandError } from '../command.ts';
import { DoneItems, merge, type Range } from './done-items.ts';
import type { Item } from './input.ts';

/** What is the same for a run and for those that resume it. */
export type RunIdentity = Readonly<Record<string, unknown>>;

interface Step {
	readonly items: readonly Range[];
	readonly check: string;
	/** Bytes of the file of results, and of the file of failures. */
	readonly output: number;
	readonly errors: number;
	readonly failed: number;
}

const FORMAT = 'polyproc map 1';
const FIRST: Step = { items: [], check: '0', output: 0, errors: 0, failed: 0 };

/** One item's part of the check. */
function digest({ index, text }: Item): bigint {
	return createHash('sha256').update(`${index}\n${text}`).digest().readBigUInt64LE();
}

export class Journal {
	readonly #path: string;
	/** Of the run that is resumed. */
	readonly before: Step;
	readonly done: DoneItems;
	#new: Range[] = [];
	#check: bigint;

	/** @throws CommandError: it records another run, or no run at all */
	constructor(path: string, identity: RunIdentity) {
		this.#path = path;
		const header = JSON.stringify({ format: FORMAT, run: identity });
		const steps = this.#stepsOf(this.#read(), header);
		this.done = new DoneItems(steps.flatMap(({ items }) => items));
		this.before = { ...(steps.at(-1) ?? FIRST), items: this.done.ranges };
		this.#check = BigInt(`0x${this.before.check}`);
		this.#replace(`${header}\n${steps.length === 0 ? '' : `${JSON.stringify(this.before)}\n`}`);
	}

	#read(): string {
		try {
			return readFileSync(this.#path, 'utf8');
		} catch (error) {
			if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
			throw new CommandError(`map: cannot read --resume ${this.#path}: ${(error as Error).message}`, 2);
		}
	}

	#stepsOf(text: string, header: string): Step[] {
		if (text === '') return [];
		const [first, ...lines] = text.split('\n').slice(0, -1);
		if (first === header) return lines.map((line) => this.#stepOf(line));
		const other = first === undefined ? undefined : runIn(first);
		if (other === undefined)
			throw new CommandError(`map: --resume ${this.#path} is no record of a run; it is left as it is`, 2);
		throw new CommandError(`map: --resume ${this.#path} records another run: ${differences(other, header)}`, 2);
	}

	#stepOf(line: string): Step {
		try {
			return JSON.parse(line) as Step;
		} catch {
			throw new CommandError(`map: --resume ${this.#path} is damaged: ${line.slice(0, 80)}`, 2);
		}
	}

	/** At once, or not at all. */
	#replace(text: string): void {
		const fresh = `${this.#path}.${process.pid}.new`;
		this.#attempt(() => {
			writeFileSync(fresh, text);
			renameSync(fresh, this.#path);
		});
	}

	#attempt(act: () => void): void {
		try {
			act();
		} catch (error) {
			throw new CommandError(`map: cannot write to --resume ${this.#path}: ${(error as Error).message}`, 1);
		}
	}

	add(item: Item): void {
		const last = this.#new.at(-1);
		if (last !== undefined && last[1] === item.index - 1) this.#new[this.#new.length - 1] = [last[0], item.index];
		else this.#new.push([item.index, item.index]);
		this.#check ^= digest(item);
	}

	/** All that was added has been written; the files are now as long as this. */
	record(now: { readonly output: number; readonly errors: number; readonly failed: number }): void {
		if (this.#new.length === 0) return;
		const step: Step = { items: merge(this.#new), check: this.#check.toString(16), ...now };
		this.#attempt(() => appendFileSync(this.#path, `${JSON.stringify(step)}\n`));
		this.#new = [];
	}

	/** The items that are not done. None is given out before it is certain that those before it are the same as they were. */
	async *rest(items: AsyncIterable<Item>): AsyncGenerator<Item, void, undefined> {
		const { last } = this.done;
		const early: Item[] = [];
		let check = 0n;
		let isCertain = last < 0;
		for await (const item of items) {
			if (isCertain) {
				yield item;
				continue;
			}
			if (this.done.has(item.index)) check ^= digest(item);
			else early.push(item);
			if (item.index < last) continue;
			this.#compare(check);
			isCertain = true;
			yield* early;
		}
		if (!isCertain) this.#compare(-1n);
	}

	#compare(check: bigint): void {
		if (check.toString(16) === this.before.check) return;
		throw new CommandError(
			`map: the input is not what it was: --resume ${this.#path} records ${this.done.count} items that are done, and they were others`,
			2,
		);
	}
}

function runIn(line: string): RunIdentity | undefined {
	try {
		const { format, run } = JSON.parse(line) as { format?: unknown; run?: RunIdentity };
		return format === FORMAT ? run : undefined;
	} catch {
		return undefined; // it is no JSON, so it is no header
	}
}

function differences(recorded: RunIdentity, header: string): string {
	const asked = runIn(header)!;
	const keys = Object.keys(asked).filter((key) => JSON.stringify(asked[key]) !== JSON.stringify(recorded[key]));
	return keys
		.map((key) => `${key} was ${JSON.stringify(recorded[key])} and is ${JSON.stringify(asked[key])}`)
		.join('; ');
}
