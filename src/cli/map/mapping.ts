/** One run of `polyproc map`: items go to the pool as fast as their results can be written, and no faster. */
import { Pool } from '../../pool/pool.ts';
import { CommandError } from '../command.ts';
import { type Failure, failureOf, inWords } from './failure.ts';
import { InFlight } from './in-flight.ts';
import { Input, type Item } from './input.ts';
import type { Plan } from './plan.ts';
import { Records } from './records.ts';
import { answer, answerNumbered, prepare } from './reference.ts';
import type { Target } from './target.ts';

/** What is wrong with the input, and not with an item. */
class InputFailed extends Error {}

type Outcome = { readonly item: Item } & ({ readonly json: string } | { readonly failure: Failure });

export class Mapping {
	readonly #plan: Plan;
	readonly #target: Target;
	readonly #input: Input;
	readonly #records: Records;
	readonly #inFlight = new InFlight();
	readonly #stopping = new AbortController();

	constructor(plan: Plan, target: Target) {
		this.#plan = plan;
		this.#target = target;
		this.#input = new Input(plan.inputs, plan.kind);
		this.#records = new Records(plan, target.identity, (error) => this.stop(error));
	}

	/** How many items have failed. */
	get failed(): number {
		return this.#records.failed;
	}

	/** Makes `run` reject with `reason`, soon. */
	stop(reason: unknown): void {
		this.#stopping.abort(reason);
	}

	async run(): Promise<void> {
		const pool = this.#makePool();
		try {
			await this.#drain(this.#results(pool));
			await this.#records.close();
			pool.close();
			await pool.join();
		} finally {
			this.#input.close();
			await pool.terminate();
		}
	}

	#makePool(): Pool {
		const { processes, startMethod, kind } = this.#plan;
		const pool = new Pool(processes, {
			context: startMethod,
			name: 'map',
			initializer: prepare,
			initargs: [this.#target.fn, kind === 'jsonl'],
		});
		pool.ready.catch((error: unknown) => {
			this.stop(new CommandError(`map: its processes cannot be started: ${inWords(failureOf(error))}`, 1));
		});
		return pool;
	}

	#results(pool: Pool): AsyncIterator<unknown> {
		const { target, isOrdered, chunksize, timeout, retries } = this.#plan;
		// For the pool's messages.
		for (const fn of [answer, answerNumbered]) Object.defineProperty(fn, 'name', { value: target });
		const options = { chunksize, timeout, retries, signal: this.#stopping.signal, progress: showsProgress(this.#plan) };
		if (isOrdered)
			return pool.imap(
				answer,
				this.#items(({ text }) => text),
				options,
			);
		return pool.imapUnordered(
			answerNumbered,
			this.#items(({ text }, number) => [number, text] as const),
			options,
		);
	}

	/** What the pool is given. */
	#items<T>(shape: (item: Item, number: number) => T): AsyncIterable<T> {
		const items = this.#read(shape);
		const { length } = this.#input;
		if (length === undefined) return items;
		return Object.assign(items, { length: length - (this.#records.journal?.done.count ?? 0) });
	}

	async *#read<T>(shape: (item: Item, number: number) => T): AsyncGenerator<T, void, undefined> {
		const { journal } = this.#records;
		const items = this.#input.items();
		try {
			for await (const item of journal?.rest(items) ?? items) yield shape(item, this.#inFlight.give(item));
		} catch (error) {
			throw error instanceof CommandError
				? error
				: new InputFailed(`map: cannot read the input: ${(error as Error).message}`);
		}
	}

	async #drain(results: AsyncIterator<unknown>): Promise<void> {
		const stopped = new Promise<never>((_, reject) => {
			this.#stopping.signal.addEventListener('abort', () => reject(this.#stopping.signal.reason));
		});
		stopped.catch(() => {});
		try {
			for (let next = await this.#next(results); next !== undefined; next = await this.#next(results)) {
				const room = this.#record(next);
				if (room !== undefined) await Promise.race([room, stopped]);
			}
		} catch (error) {
			await results.return?.(); // and the progress bar gives the terminal back
			await Promise.race([this.#records.close(), stopped]).catch(() => {}); // what ended the run is what is told
			throw error;
		}
	}

	async #next(results: AsyncIterator<unknown>): Promise<Outcome | undefined> {
		try {
			const { done, value } = await results.next();
			if (done === true) return undefined;
			if (this.#plan.isOrdered) return { item: this.#inFlight.take(), json: value as string };
			const [number, json] = value as [number, string];
			return { item: this.#inFlight.take(number), json };
		} catch (error) {
			return this.#failureOf(error);
		}
	}

	/** @throws what is no failure of an item */
	#failureOf(error: unknown): Outcome {
		if (this.#stopping.signal.aborted) throw this.#stopping.signal.reason;
		if (error instanceof CommandError) throw error;
		if (error instanceof InputFailed) throw new CommandError(error.message, 1);
		const item = this.#plan.isOrdered ? this.#inFlight.take() : this.#inFlight.takeBlamed(error);
		const { failure } = error as { failure?: Failure };
		if (failure !== undefined) return { item, failure };
		return { item, failure: this.#poolsFailure(failureOf(error)) };
	}

	/** It did not return: too late, or its process has died. Where we noticed it says nothing. */
	#poolsFailure(failure: Failure): Failure {
		const message = this.#inFlight.translate(failure.message);
		return { ...failure, message, stack: `${failure.name}: ${message}` };
	}

	#record(outcome: Outcome): Promise<void> | undefined {
		const { item } = outcome;
		if ('json' in outcome) return this.#records.result(item, outcome.json);
		if (this.#plan.keepGoing) return this.#records.failure(item, this.#inputOf(item), outcome.failure);
		throw new CommandError(`map: ${this.#input.place(item)} failed: ${inWords(outcome.failure)}`, 1);
	}

	/** What the function was called with. */
	#inputOf({ text }: Item): unknown {
		if (this.#plan.kind !== 'jsonl') return text;
		try {
			return JSON.parse(text);
		} catch {
			return text; // that is what has failed
		}
	}
}

/** Not where it would be among results or failures. */
function showsProgress({ showsProgress: asked, output, keepGoing, errors }: Plan): boolean {
	if (asked !== undefined) return asked;
	const isFree = output !== undefined || process.stdout.isTTY !== true;
	return isFree && !(keepGoing && errors === undefined);
}
