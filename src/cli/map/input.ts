/** The items of a run, in their order, and where each of them stands. Nothing is read before it is asked for. */
import { createReadStream, statSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { CommandError } from '../command.ts';
import { linesOf } from './lines.ts';
import type { ItemKind } from './plan.ts';

export interface Item {
	/** Among all items of all inputs. */
	readonly index: number;
	readonly text: string;
}

const STANDARD_INPUT = '-';

export class Input {
	readonly #files: readonly string[];
	/** Paths that are the items themselves. */
	readonly #paths: readonly string[] | undefined;
	/** Which item is the first of each file that has been begun. */
	readonly #begun: { readonly first: number; readonly name: string }[] = [];
	#stream: Readable | undefined;

	constructor(inputs: readonly string[], kind: ItemKind) {
		this.#paths = kind === 'files' && inputs.length > 0 ? inputs : undefined;
		this.#files = inputs.length > 0 ? inputs : [STANDARD_INPUT];
		if (this.#paths === undefined) for (const file of this.#files) checkFile(file);
	}

	/** How many items there are, if that can be known. */
	get length(): number | undefined {
		return this.#paths?.length;
	}

	async *items(): AsyncGenerator<Item, void, undefined> {
		let index = 0;
		if (this.#paths !== undefined) {
			for (const text of this.#paths) yield { index: index++, text };
			return;
		}
		for (const file of this.#files) {
			this.#begun.push({ first: index, name: file === STANDARD_INPUT ? 'standard input' : file });
			this.#stream = file === STANDARD_INPUT ? process.stdin : createReadStream(file);
			for await (const text of linesOf(this.#stream)) yield { index: index++, text };
		}
	}

	/** For messages. */
	place({ index, text }: Item): string {
		if (this.#paths !== undefined) return `file ${text} (item ${index})`;
		const { first, name } = this.#begun.findLast((file) => file.first <= index)!;
		return `line ${index - first + 1} of ${name} (item ${index})`;
	}

	/** No more will be read, though there may be more to come. */
	close(): void {
		this.#stream?.destroy();
	}
}

/** @throws CommandError, rather than when half of the run is done */
function checkFile(file: string): void {
	if (file === STANDARD_INPUT) return;
	try {
		if (!statSync(file).isDirectory()) return;
	} catch (error) {
		throw new CommandError(`map: cannot read INPUT ${file}: ${(error as Error).message}`, 2);
	}
	throw new CommandError(`map: INPUT ${file} is a directory; with --files it would be given to the function`, 2);
}
