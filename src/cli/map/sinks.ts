/** Where lines are written: a file of the command's own, whose length it knows, or a standard stream. */
import { closeSync, fstatSync, ftruncateSync, openSync, writeSync } from 'node:fs';
import type { Writable } from 'node:stream';
import { CommandError } from '../command.ts';

export interface Sink {
	/** A promise: whoever writes more than is read should wait for it. */
	write(text: string): Promise<void> | undefined;
	/** Bytes of a file that is the command's own. */
	readonly size: number;
	close(): void;
}

/** What is written is in the file when `write` returns, whatever becomes of this process. */
export class FileSink implements Sink {
	readonly #path: string;
	readonly #fd: number;
	size: number;

	/** Keeps the first `size` bytes of what is there. */
	constructor(path: string, size: number) {
		this.#path = path;
		this.size = size;
		this.#fd = this.#attempt(() => openSync(path, 'a'));
		this.#attempt(() => this.#cut());
	}

	#cut(): void {
		const stats = fstatSync(this.#fd);
		if (!stats.isFile()) {
			if (this.size > 0) throw new Error('it is no file that could be cut back');
			return;
		}
		if (stats.size < this.size) throw new Error(`it has ${stats.size} bytes; ${this.size} had been written to it`);
		ftruncateSync(this.#fd, this.size);
	}

	write(text: string): undefined {
		const bytes = Buffer.from(text);
		for (let at = 0; at < bytes.length; ) at += this.#attempt(() => writeSync(this.#fd, bytes, at));
		this.size += bytes.length;
	}

	#attempt<T>(act: () => T): T {
		try {
			return act();
		} catch (error) {
			throw new CommandError(`map: cannot write to ${this.#path}: ${(error as Error).message}`, 1);
		}
	}

	close(): void {
		closeSync(this.#fd);
	}
}

/** Whoever has read the stream reads no more. */
export class ReaderGone extends Error {}

export class StreamSink implements Sink {
	readonly size = 0;
	readonly #stream: Writable;
	#drained: Promise<void> | undefined;

	/** `failed` is told once what makes writing impossible. */
	constructor(stream: Writable, name: string, failed: (error: Error) => void) {
		this.#stream = stream;
		stream.on('error', (error: NodeJS.ErrnoException) => {
			failed(
				error.code === 'EPIPE'
					? new ReaderGone()
					: new CommandError(`map: cannot write to ${name}: ${error.message}`, 1),
			);
		});
	}

	write(text: string): Promise<void> | undefined {
		if (!this.#stream.write(text)) {
			this.#drained ??= new Promise((resolve) => {
				this.#stream.once('drain', () => {
					this.#drained = undefined;
					resolve();
				});
			});
		}
		return this.#drained;
	}

	close(): void {}
}

/** Lines on their way to a sink, many at a time. */
export class Lines {
	readonly sink: Sink;
	#text = '';

	constructor(sink: Sink) {
		this.sink = sink;
	}

	/** Characters that have not been written. */
	get length(): number {
		return this.#text.length;
	}

	add(line: string): void {
		this.#text += `${line}\n`;
	}

	flush(): Promise<void> | undefined {
		const text = this.#text;
		this.#text = '';
		return text === '' ? undefined : this.sink.write(text);
	}
}
