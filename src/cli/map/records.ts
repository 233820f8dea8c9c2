/**
 * What a run leaves behind: results, failures, and with `--resume` how far it has come. Lines are written many at a time,
 * none later than in the next turn of the event loop; steps are recorded a moment later, many items in each.
 */
import { resolve } from 'node:path';
import { now } from '../../base/deadline.ts';
import type { Failure } from './failure.ts';
import type { Item } from './input.ts';
import { Journal } from './journal.ts';
import type { Plan } from './plan.ts';
import { FileSink, Lines, type Sink, StreamSink } from './sinks.ts';

/** Characters that may wait to be written. */
const MOST_WAITING = 65_536;
/** Milliseconds between two steps that are recorded. */
const STEP = 50;

export class Records {
	readonly journal: Journal | undefined;
	readonly #results: Lines;
	readonly #failures: Lines;
	#failed: number;
	#recorded: number = now();
	#flushing: NodeJS.Immediate | undefined;
	#stepping: NodeJS.Timeout | undefined;
	readonly #broken: (error: Error) => void;

	/** `broken` is told what makes going on useless. */
	constructor(plan: Plan, identity: string, broken: (error: Error) => void) {
		this.#broken = broken;
		this.journal = plan.resume === undefined ? undefined : new Journal(plan.resume, identityOf(plan, identity));
		const { output = 0, errors = 0, failed = 0 } = this.journal?.before ?? {};
		this.#failed = failed;
		this.#results = new Lines(this.#open(plan.output, output, process.stdout, 'standard output'));
		this.#failures = new Lines(this.#open(plan.errors, errors, process.stderr, 'standard error'));
	}

	#open(path: string | undefined, size: number, stream: NodeJS.WriteStream, name: string): Sink {
		return path === undefined ? new StreamSink(stream, name, this.#broken) : new FileSink(path, size);
	}

	/** Of all runs that this one goes on with, too. */
	get failed(): number {
		return this.#failed;
	}

	/** A promise: it is better to wait before there is more. */
	result(item: Item, json: string): Promise<void> | undefined {
		this.#results.add(json);
		return this.#done(item);
	}

	failure(item: Item, input: unknown, error: Failure): Promise<void> | undefined {
		this.#failed += 1;
		this.#failures.add(JSON.stringify({ index: item.index, input, error }));
		return this.#done(item);
	}

	#done(item: Item): Promise<void> | undefined {
		this.journal?.add(item);
		if (this.#results.length + this.#failures.length > MOST_WAITING) return this.#flush();
		this.#flushing ??= setImmediate(() => this.#attempt(() => this.#flush()));
		return undefined;
	}

	#attempt(act: () => unknown): void {
		try {
			act();
		} catch (error) {
			this.#broken(error as Error);
		}
	}

	#flush(): Promise<void> | undefined {
		clearImmediate(this.#flushing);
		this.#flushing = undefined;
		const waits = [this.#results.flush(), this.#failures.flush()].filter((wait) => wait !== undefined);
		this.#step();
		return waits.length === 0 ? undefined : Promise.all(waits).then(() => {});
	}

	#step(): void {
		if (this.journal === undefined || this.#stepping !== undefined) return;
		const wait = this.#recorded + STEP - now();
		if (wait <= 0) this.#record();
		else this.#stepping = setTimeout(() => this.#attempt(() => this.#end()), wait);
	}

	#record(): void {
		this.#recorded = now();
		const [output, errors] = [this.#results.sink.size, this.#failures.sink.size];
		this.journal?.record({ output, errors, failed: this.#failed });
	}

	/** Everything is written and recorded. */
	#end(): Promise<void> | undefined {
		clearTimeout(this.#stepping);
		this.#stepping = undefined;
		this.#recorded = Number.NEGATIVE_INFINITY;
		return this.#flush();
	}

	/** Writes what is left; resolves when standard output has taken it. */
	async close(): Promise<void> {
		await this.#end();
		this.#results.sink.close();
		this.#failures.sink.close();
	}
}

function identityOf({ inputs, kind, isOrdered, output, errors }: Plan, target: string): Record<string, unknown> {
	const place = (path: string | undefined): string | null => (path === undefined ? null : resolve(path));
	return {
		function: target,
		items: kind,
		inputs: kind === 'files' ? inputs : inputs.map((input) => (input === '-' ? input : resolve(input))),
		order: isOrdered ? 'of the input' : 'as they come',
		output: place(output),
		errors: place(errors),
	};
}
