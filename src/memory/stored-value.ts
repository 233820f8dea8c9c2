/** What a `RawValue` or `Value` is made over: a place in shared memory and the type of what is there. */
import { inspect } from 'node:util';
import { typeError } from '../base/errors.ts';
import type { Destination } from '../wire/handoff.ts';
import { Extent } from './extent.ts';
import type { BlockReference } from './heap.ts';
import { type Raw, Scalar, sharedType } from './scalar.ts';
import type { SharedType } from './shared-type.ts';
import { cellAtomics, type IntegerCells } from './words.ts';

/** What crosses. */
export interface ValueReference {
	readonly at: BlockReference;
	readonly type: string | SharedType;
}

/** Where a value is, and of what type: what it is made over when it is not new. */
export class StoredValue {
	readonly extent: Extent;
	readonly type: SharedType;
	#cells: IntegerCells | undefined;
	#record: object | undefined;

	constructor(extent: Extent, type: SharedType) {
		this.extent = extent;
		this.type = type;
	}

	static create(argument: unknown, init: unknown, what: string): StoredValue {
		const type = sharedType(argument, `new ${what}`);
		const extent = Extent.create(type.size, `new ${what}`);
		if (init !== undefined) type.write(extent, 0, init as never, `new ${what}`);
		return new StoredValue(extent, type);
	}

	static attach({ at, type: argument }: ValueReference, what: string): StoredValue {
		const type = sharedType(argument, what);
		return new StoredValue(Extent.attach(at, type.size, what), type);
	}

	handOff(destination: Destination): ValueReference {
		return { at: this.extent.handOff(destination), type: this.type instanceof Scalar ? this.type.code : this.type };
	}

	/** Of a struct always the same live record. */
	read(): unknown {
		const value = this.#record ?? this.type.read(this.extent, 0);
		if (typeof value === 'object') this.#record ??= value as object;
		return value;
	}

	write(value: unknown): void {
		this.type.write(this.extent, 0, value as never, 'value');
	}

	add(n: Raw): Raw {
		const cells = this.#cells ?? this.#integer('add');
		return cellAtomics.add(cells, 0, (this.type as Scalar).addend(n, 'add'));
	}

	exchange(n: Raw): Raw {
		const cells = this.#cells ?? this.#integer('exchange');
		return cellAtomics.exchange(cells, 0, (this.type as Scalar).encode(n, 'exchange'));
	}

	compareExchange(expected: Raw, n: Raw): Raw {
		const cells = this.#cells ?? this.#integer('compareExchange');
		const type = this.type as Scalar;
		const [from, to] = [type.encode(expected, 'compareExchange'), type.encode(n, 'compareExchange')];
		return cellAtomics.compareExchange(cells, 0, from, to);
	}

	#integer(call: string): IntegerCells {
		const { type, extent } = this;
		if (!(type instanceof Scalar) || !type.isInteger) {
			throw typeError(`${call}: only integer types have atomic operations, and this one is '${type}'; use a lock`);
		}
		const { buffer, byteOffset } = extent.data;
		this.#cells = type.cells(buffer as ArrayBuffer, byteOffset, 1) as IntegerCells;
		return this.#cells;
	}

	close(): void {
		this.#cells = undefined;
		this.extent.close();
	}

	/** For whoever prints it. */
	shown(): string {
		return this.extent.isClosed ? '(disposed of)' : inspect(this.read());
	}
}
