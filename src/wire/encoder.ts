/**
 * Value → bytes, in one pass. This file has the values that make up most messages (primitives, plain objects, arrays)
 * and sends all others to the parts that know them.
 */
import { inspect } from 'node:util';
import { writeFunction } from './encode-functions.ts';
import { writeSpecial } from './encode-instances.ts';
import { handoff } from './handoff.ts';
import { LEAST_NUMBERS, writeNumbers } from './numbers.ts';
import { reduce } from './reduce.ts';
import { writeSymbol } from './symbols.ts';
import * as tag from './tags.ts';
import { located, propertyStep } from './unpicklable.ts';
import { ValueWriter } from './value-writer.ts';

/** Up to so many items it is cheaper to list an array's keys than to ask `inspect` for its extra ones. */
const FEW = 128;
/** The keys of so many items: comparing with one of these is quicker than making it. */
const INDICES: readonly string[] = Array.from({ length: FEW }, (_, index) => String(index));
/**
 * Every kind of object may have these hooks; a lookup of a missing symbol is cheap, if V8 knows the symbol: in the bundle
 * it comes from another file, which a constant of this one does not look into every time.
 */
const HANDOFF: typeof handoff = handoff;
const REDUCE: typeof reduce = reduce;
type Hooked = { [HANDOFF]?: unknown; [REDUCE]?: unknown };

/** Whether the array is nothing but its items: no holes, no properties of its own. */
function isRegular(array: unknown[]): boolean {
	const length = array.length;
	if (length <= FEW) {
		const keys = Object.keys(array);
		return keys.length === length && (length === 0 || keys[length - 1] === INDICES[length - 1]);
	}
	if (!array.includes(undefined)) {
		// Listing the keys of a large array costs more than encoding it, so: what would `inspect` show besides items?
		const shown = inspect(array, { maxArrayLength: 0, depth: 0, customInspect: false, breakLength: Infinity });
		return shown === `[ ... ${length} more items ]`;
	}
	const keys = Object.keys(array);
	return keys.length === length && (length === 0 || keys[length - 1] === String(length - 1));
}

/** Levels of plain objects and arrays that are written one inside the other. The stack has room for some thousands. */
const DEEPEST = 400;

export class Encoder extends ValueWriter {
	#depth = 0;
	#deferred: object[] | null = null;

	write(value: unknown): void {
		switch (typeof value) {
			case 'string':
				this.string(value);
				break;
			case 'number':
				this.number(value);
				break;
			case 'object':
				if (value === null) this.byte(tag.NULL);
				else this.#object(value);
				break;
			case 'boolean':
				this.byte(value ? tag.TRUE : tag.FALSE);
				break;
			case 'undefined':
				this.byte(tag.UNDEFINED);
				break;
			case 'bigint':
				this.#bigint(value);
				break;
			case 'symbol':
				writeSymbol(this, value);
				break;
			default:
				writeFunction(this, value as () => unknown);
		}
	}

	#bigint(value: bigint): void {
		this.byte(tag.BIGINT);
		this.byte(value < 0n ? 1 : 0);
		this.string((value < 0n ? -value : value).toString(16));
	}

	#object(value: object): void {
		const proto = Object.getPrototypeOf(value);
		if (proto === Object.prototype) {
			if ((value as Hooked)[HANDOFF] !== undefined || (value as Hooked)[REDUCE] !== undefined)
				writeSpecial(this, value);
			else if (!this.refer(value)) this.#nested(value, false);
		} else if (proto === Array.prototype && Array.isArray(value)) {
			if (!this.refer(value)) this.#nested(value, true);
		} else {
			writeSpecial(this, value);
		}
	}

	/** The whole value, and whatever of it was put off for being too deep. */
	message(value: unknown): void {
		this.#depth = 0;
		this.write(value);
		if (this.#deferred !== null) this.#putOff(this.#deferred);
	}

	/** Objects are added while it goes through them. */
	#putOff(objects: object[]): void {
		for (const object of objects) {
			try {
				this.#content(object, Array.isArray(object));
			} catch (error) {
				throw located(error, '.…'); // The way there was not kept.
			}
		}
	}

	override release(): void {
		super.release();
		this.#deferred = null;
	}

	/** Plain objects and arrays may be nested deeper than the stack allows: a linked list of a million nodes. */
	#nested(object: object, isArray: boolean): void {
		if (this.#depth < DEEPEST) {
			this.#depth++;
			this.#content(object, isArray);
			this.#depth--;
		} else {
			this.byte(isArray ? tag.DEFERRED_ARRAY : tag.DEFERRED_OBJECT);
			this.#deferred ??= [];
			this.#deferred.push(object);
		}
	}

	#content(object: object, isArray: boolean): void {
		if (isArray) this.array(object as unknown[]);
		else this.#plain(object as Record<string, unknown>, Object.keys(object));
	}

	/** As `fields`, but quicker: in `for … in` V8 knows where the value of each key is. */
	#plain(object: Record<string, unknown>, keys: string[]): void {
		if (!this.shapes.write(this, keys)) {
			this.pairs(object, keys, tag.OBJECT_WIDE);
			return;
		}
		let i = 0;
		try {
			for (const key in object) {
				if (key !== keys[i]) break; // inherited; or a getter has deleted one
				this.write(object[key]);
				i++;
			}
			for (; i < keys.length; i++) this.write(object[keys[i]!]);
		} catch (error) {
			throw located(error, propertyStep(keys[i]!));
		}
	}

	together(write: () => void): void {
		const depth = this.#depth;
		this.#depth = Number.NEGATIVE_INFINITY;
		write();
		this.#depth = depth;
	}

	fields(object: object, keys: string[]): void {
		if (!this.shapes.write(this, keys)) {
			this.pairs(object, keys, tag.OBJECT_WIDE);
			return;
		}
		let i = 0;
		try {
			for (; i < keys.length; i++) this.write((object as Record<string, unknown>)[keys[i]!]);
		} catch (error) {
			throw located(error, propertyStep(keys[i]!));
		}
	}

	/** Keys and values one after the other. */
	pairs(object: object, keys: string[], kind: number): void {
		this.byte(kind);
		if (kind === tag.ODD_ARRAY) this.varint((object as unknown[]).length);
		this.varint(keys.length);
		for (const key of keys) {
			this.string(key);
			try {
				this.write((object as Record<string, unknown>)[key]);
			} catch (error) {
				throw located(error, propertyStep(key));
			}
		}
	}

	array(array: unknown[]): void {
		if (!isRegular(array)) {
			this.pairs(array, Object.keys(array), tag.ODD_ARRAY);
			return;
		}
		const length = array.length;
		if (length >= LEAST_NUMBERS && writeNumbers(this, array)) return;
		if (length <= tag.SHORT_LIMIT) {
			this.byte(tag.SHORT_ARRAY | length);
		} else {
			this.byte(tag.ARRAY);
			this.varint(length);
		}
		let i = 0;
		try {
			for (; i < length; i++) this.write(array[i]);
		} catch (error) {
			throw located(error, `[${i}]`);
		}
	}
}
