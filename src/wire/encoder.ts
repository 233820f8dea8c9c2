/**
 * Value → bytes, in one pass. This file has the values that make up most messages (primitives, plain objects, arrays)
 * and sends all others to the parts that know them.
 */
import { inspect } from 'node:util';
import { writeFunction } from './encode-functions.ts';
import { writeSpecial } from './encode-instances.ts';
import { handoff } from './handoff.ts';
import { reduce } from './reduce.ts';
import { writeSymbol } from './symbols.ts';
import * as tag from './tags.ts';
import { located, propertyStep } from './unpicklable.ts';
import { ValueWriter } from './value-writer.ts';

/** Up to so many items it is cheaper to list an array's keys than to ask `inspect` for its extra ones. */
const FEW = 128;
/** Every kind of object may have these hooks; a lookup of a missing symbol is cheap. */
type Hooked = { [handoff]?: unknown; [reduce]?: unknown };

/** Whether the array is nothing but its items: no holes, no properties of its own. */
function isRegular(array: unknown[]): boolean {
	const length = array.length;
	if (length > FEW && !array.includes(undefined)) {
		// Listing the keys of a large array costs more than encoding it, so: what would `inspect` show besides items?
		const shown = inspect(array, { maxArrayLength: 0, depth: 0, customInspect: false, breakLength: Infinity });
		return shown === `[ ... ${length} more items ]`;
	}
	const keys = Object.keys(array);
	return keys.length === length && (length === 0 || keys[length - 1] === String(length - 1));
}

export class Encoder extends ValueWriter {
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
			if ((value as Hooked)[handoff] !== undefined || (value as Hooked)[reduce] !== undefined)
				writeSpecial(this, value);
			else if (!this.refer(value)) this.fields(value, Object.keys(value));
		} else if (proto === Array.prototype && Array.isArray(value)) {
			if (!this.refer(value)) this.array(value);
		} else {
			writeSpecial(this, value);
		}
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
