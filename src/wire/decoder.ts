/**
 * Bytes → value. This file has the values that make up most messages and sends all others to the parts that know them.
 * Whatever the bytes are, it ends with a value or an UnpicklingError: every read is checked against the end, and no
 * length is believed that the rest of the message could not hold.
 */
import { builtinReaders } from './decode-builtins.ts';
import { readBound, readClosure, readMember } from './decode-functions.ts';
import * as instances from './decode-instances.ts';
import { readNumbersInto } from './numbers.ts';
import { type ReadShape, ReadShapes, setField } from './read-shapes.ts';
import { wellKnownSymbol } from './symbols.ts';
import * as tag from './tags.ts';
import { NO_FAILURES, NO_MODULES, ValueReader } from './value-reader.ts';

const shapes = new ReadShapes();

const isList = (kind: number): boolean =>
	(kind >= tag.SHORT_ARRAY && kind < 0x80) || kind === tag.ARRAY || kind === tag.ODD_ARRAY || kind === tag.NUMBERS;

/** A list that was longer is not kept from message to message. */
const KEPT = 64;

export class Decoder extends ValueReader {
	/** The shapes of this message, in the order in which they came: so many. What is behind them is old. */
	#shapes: ReadShape[] = [];
	#shapeCount = 0;
	#deferred: object[] | null = null;

	/** The whole value, with what was put off for being too deep. */
	message(): unknown {
		const value = this.read();
		if (this.#deferred !== null) this.#readDeferred(this.#deferred);
		return value;
	}

	/** Objects are added while it goes through them. */
	#readDeferred(objects: object[]): void {
		for (const object of objects) {
			if (Array.isArray(object)) this.#listInto(object, this.byte());
			else instances.readFields(this)(object);
		}
	}

	/** Lets go of everything there was in the message. */
	release(): void {
		this.close();
		if (this.noted > KEPT) this.references = [];
		else for (let i = this.noted; i-- > 0; ) this.references[i] = undefined;
		this.noted = 0;
		if (this.#shapeCount > KEPT) this.#shapes = [];
		this.#shapeCount = 0;
		this.#deferred = null;
		this.moduleNames = NO_MODULES;
		this.importFailures = NO_FAILURES;
	}

	read(): unknown {
		if (this.at >= this.end) this.damaged('the message ends too early');
		const kind = this.bytes[this.at++]!;
		if (kind < tag.SHORT_STRING) return kind;
		if (kind < tag.SHORT_ARRAY) return this.shortString(kind & tag.SHORT_LIMIT);
		if (kind < 0x80) return this.#array(kind & tag.SHORT_LIMIT);
		return kind < tag.ARRAY ? this.#primitive(kind) : this.#object(kind);
	}

	#primitive(kind: number): unknown {
		switch (kind) {
			case tag.UNDEFINED:
				return undefined;
			case tag.NULL:
				return null;
			case tag.TRUE:
				return true;
			case tag.FALSE:
				return false;
			case tag.POSITIVE:
				return this.varint();
			case tag.NEGATIVE:
				return -this.varint() - 1;
			case tag.DOUBLE:
				return this.float64();
			case tag.BIGINT:
				return this.#bigint();
			case tag.ASCII:
				return this.longString('latin1');
			case tag.UTF8:
				return this.longString('utf8');
			case tag.UTF16:
				return this.longString('utf16le');
			case tag.SYMBOL_FOR:
				return Symbol.for(this.string());
			case tag.SYMBOL_WELL_KNOWN:
				return wellKnownSymbol(this.string());
			case tag.REF:
				return this.reference();
			default:
				this.damaged(`no value starts with the byte 0x${kind.toString(16)}`);
		}
	}

	#object(kind: number): unknown {
		switch (kind) {
			case tag.OBJECT_NEW_SHAPE:
			case tag.OBJECT_KNOWN_SHAPE:
				return this.#shape(kind).make(this);
			case tag.ARRAY:
				return this.#array(this.count());
			case tag.ODD_ARRAY:
				return this.#oddInto(this.settle(this.reserve(), []));
			case tag.NUMBERS:
				return this.#listInto(this.settle(this.reserve(), []), kind);
			case tag.OBJECT_WIDE:
				return this.#wide();
			case tag.INSTANCE:
				return instances.readInstance(this);
			case tag.MEMBER:
				return readMember(this);
			case tag.CLOSURE:
				return readClosure(this);
			default:
				return this.#rare(kind);
		}
	}

	#rare(kind: number): unknown {
		switch (kind) {
			case tag.DEFERRED_OBJECT:
				return this.#putOff({});
			case tag.DEFERRED_ARRAY:
				return this.#putOff([]);
			case tag.OBJECT_NULL_PROTO:
				return instances.readNullPrototype(this);
			case tag.OBJECT_WITH_PROTO:
				return instances.readObjectWithProto(this);
			case tag.SUBCLASS:
				return instances.readSubclass(this);
			case tag.REDUCED:
				return instances.readReduced(this);
			case tag.SHARED:
				return instances.readShared(this);
			case tag.BOUND:
				return readBound(this);
			default:
				this.at--;
				return this.content(this.reserve());
		}
	}

	content(slot: number): object {
		const kind = this.byte();
		if (isList(kind)) return this.#listInto(this.settle(slot, []), kind);
		if (kind === tag.SHARED) return instances.readShared(this, slot);
		const read = builtinReaders[kind];
		if (!read) this.damaged(`no value starts with the byte 0x${kind.toString(16)}`);
		return read(this, slot);
	}

	shapeKeys(kind: number): readonly string[] {
		return this.#shape(kind).keys;
	}

	#shape(kind: number): ReadShape {
		if (kind === tag.OBJECT_KNOWN_SHAPE) {
			const number = this.varint();
			if (number >= this.#shapeCount) this.damaged('a shape is missing');
			return this.#shapes[number]!;
		}
		const shape = shapes.read(this);
		this.#shapes[this.#shapeCount++] = shape;
		return shape;
	}

	#array(length: number): unknown[] {
		const array: unknown[] = [];
		this.note(array);
		for (let i = 0; i < length; i++) array.push(this.read());
		return array;
	}

	#listInto(array: unknown[], kind: number): unknown[] {
		if (kind === tag.ODD_ARRAY) return this.#oddInto(array);
		if (!isList(kind)) this.damaged('an array is missing');
		if (kind === tag.NUMBERS) {
			readNumbersInto(array, this);
			return array;
		}
		const length = kind === tag.ARRAY ? this.count() : kind & tag.SHORT_LIMIT;
		for (let i = 0; i < length; i++) array.push(this.read());
		return array;
	}

	#oddInto(array: unknown[]): unknown[] {
		const length = this.varint();
		if (length >= 2 ** 32) this.damaged('an array is too long');
		array.length = length;
		for (let left = this.count(2); left > 0; left--) setField(array, this.string(), this.read());
		return array;
	}

	#putOff<T extends object>(empty: T): T {
		this.#deferred ??= [];
		this.#deferred.push(empty);
		return this.settle(this.reserve(), empty);
	}

	#wide(): object {
		const object = this.settle(this.reserve(), {});
		instances.readPairs(this, object);
		return object;
	}

	#bigint(): bigint {
		const negative = this.byte() === 1;
		const value = BigInt(`0x${this.string()}`);
		return negative ? -value : value;
	}
}
