/**
 * The results of a lazy map, one after the other. Its input is read no further ahead of who reads the results than its
 * buffer allows, so it may be endless.
 */
import type { SharedFunction } from './functions.ts';
import { type Batch, ChunkOfItems, type Results } from './items.ts';
import type { MapLimits } from './options.ts';
import { ProgressMeter } from './progress.ts';
import { Source } from './source.ts';
import { StreamOfResults } from './stream-of-results.ts';

/** Milliseconds that a chunk should take: long enough to be worth its message, short enough not to be waited for. */
const CHUNK_TIME = 2;
const LARGEST_CHUNK = 1024;
/** Chunks that are read ahead for each worker. */
const CHUNKS_AHEAD = 3;
const LEAST_AHEAD = 8;

export interface ImapOptions {
	readonly limits: MapLimits;
	/** Whether results come in the order of their items. */
	readonly ordered: boolean;
}

export class ImapCall {
	readonly results: StreamOfResults;
	readonly #batch: Batch;
	readonly #limits: MapLimits;
	readonly #source: Source;
	readonly #chunks = new Set<ChunkOfItems>();
	readonly #meter: ProgressMeter | undefined;
	#chunksize = 1;
	/** How many items have been read, and how many of them have been yielded. */
	#read = 0;
	#yielded = 0;
	#isReading = false;
	/** The input has come to its end, or nobody wants more. */
	#isOver = false;
	#isFinished = false;
	readonly #disobey: () => void;

	constructor(batch: Batch, items: Iterable<unknown> | AsyncIterable<unknown>, { limits, ordered }: ImapOptions) {
		this.#batch = batch;
		this.#limits = limits;
		this.#source = new Source(items);
		this.#chunksize = limits.chunksize ?? 1;
		this.#meter = ProgressMeter.of(limits.progress, lengthOf(items));
		this.results = new StreamOfResults(ordered, {
			yielded: () => this.#goOn(),
			left: () => this.#leave(),
		});
		batch.crew.expect();
		this.#disobey = this.#obey(limits.signal);
		this.#readOn();
	}

	#obey(signal: AbortSignal | undefined): () => void {
		if (signal === undefined) return () => {};
		const onAbort = (): void => this.#fail(signal.reason);
		if (signal.aborted) queueMicrotask(onAbort);
		else signal.addEventListener('abort', onAbort, { once: true });
		return () => signal.removeEventListener('abort', onAbort);
	}

	/** How many more items may be read. */
	get #room(): number {
		const { buffersize } = this.#limits;
		const ahead = Math.max(LEAST_AHEAD, this.#batch.crew.size * CHUNKS_AHEAD * this.#chunksize);
		return (buffersize ?? ahead) - (this.#read - this.#yielded);
	}

	#goOn(): void {
		this.#yielded += 1;
		// Not one by one where chunks are large: reading takes its time, too.
		if (!this.#isReading && !this.#isOver && this.#room >= this.#sizeNow) this.#readOn();
	}

	/** Of the next chunk; never more than half of what may be read. */
	get #sizeNow(): number {
		const { buffersize, chunksize } = this.#limits;
		if (chunksize !== undefined || buffersize === undefined)
			return Math.min(this.#chunksize, buffersize ?? this.#chunksize);
		return Math.max(1, Math.min(this.#chunksize, Math.floor(buffersize / (2 * this.#batch.crew.size))));
	}

	#readOn(): void {
		this.#isReading = true;
		try {
			while (!this.#isOver && this.#room > 0) {
				const items = this.#source.take(Math.min(this.#sizeNow, this.#room));
				if (items instanceof Promise) {
					void this.#readAsync(items);
					return;
				}
				this.#send(items);
			}
		} catch (error) {
			this.#inputFailed(error);
		}
		this.#isReading = false;
	}

	async #readAsync(first: Promise<unknown[]>): Promise<void> {
		try {
			for (let items = first; ; items = this.#source.takeAsync(Math.min(this.#sizeNow, this.#room))) {
				this.#send(await items);
				if (this.#isOver || this.#room <= 0) break;
			}
		} catch (error) {
			this.#inputFailed(error);
		}
		this.#isReading = false;
	}

	#send(items: unknown[]): void {
		if (this.#isOver) return;
		if (items.length > 0) {
			const number = this.results.expect();
			const chunk = new ChunkOfItems(this.#batch, items, this.#read, (results, ms) => {
				this.#chunks.delete(chunk);
				this.#learn(items.length, ms);
				this.#collect(number, results);
			});
			this.#read += items.length;
			this.#chunks.add(chunk);
			chunk.submit();
		}
		if (this.#source.isDone) this.#end();
	}

	/** An item's time decides how many of them make a chunk. */
	#learn(items: number, ms: number): void {
		if (this.#limits.chunksize !== undefined || this.#limits.timeout !== Number.POSITIVE_INFINITY || ms === 0) return;
		const ideal = CHUNK_TIME / (ms / items);
		this.#chunksize = Math.max(1, Math.min(LARGEST_CHUNK, this.#chunksize * 2, Math.floor(ideal)));
	}

	#collect(number: number, { values, errors }: Results): void {
		try {
			this.#meter?.add(values.length, errors.size);
		} catch (error) {
			this.#fail(error);
		}
		this.results.add(number, { values, errors });
		if (this.#isOver && this.#chunks.size === 0) this.#finish();
	}

	#inputFailed(error: unknown): void {
		this.results.add(this.results.expect(), { values: [undefined], errors: new Map([[0, error]]) });
		this.#end();
	}

	/** No more items will be read. */
	#end(): void {
		if (this.#isOver) return;
		this.#isOver = true;
		this.results.end();
		if (this.#chunks.size === 0) this.#finish();
	}

	#finish(): void {
		if (this.#isFinished) return;
		this.#isFinished = true;
		this.#disobey?.();
		this.#meter?.end();
		this.#batch.crew.forget(this.#batch.fn as SharedFunction);
		this.#batch.crew.settled();
	}

	/** Whoever reads has had enough: what waits is dropped, what runs may run on. */
	#leave(): void {
		const wasOver = this.#isOver;
		this.#isOver = true;
		for (const chunk of this.#chunks) chunk.withdraw();
		if (!wasOver) this.#source.close();
		this.#chunks.clear();
		this.#finish();
	}

	#fail(error: unknown): void {
		if (this.results.isOver) return;
		this.#isOver = true;
		this.results.fail(error);
		for (const chunk of [...this.#chunks]) chunk.cancel(error);
		this.#chunks.clear();
		this.#source.close();
		this.#finish();
	}
}

function lengthOf(input: unknown): number | undefined {
	const items: object = Object(input);
	if ('length' in items && typeof items.length === 'number') return items.length;
	return 'size' in items && typeof items.size === 'number' ? items.size : undefined;
}
