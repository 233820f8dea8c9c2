/** The counterpart of encode-builtins: built-in types from their content. `slot` is the number the value has already. */
import { types } from 'node:util';
import { readBulk } from './bulk.ts';
import { ERROR_KINDS, VIEW_KINDS } from './encode-builtins.ts';
import * as tag from './tags.ts';
import type { ValueReader } from './value-reader.ts';

type Read = (from: ValueReader, slot: number) => object;
type Construct = new (...args: unknown[]) => object;

function readMap(from: ValueReader, slot: number): object {
	const map = from.settle(slot, new Map());
	for (let left = from.count(2); left > 0; left--) {
		const key = from.read();
		map.set(key, from.read());
	}
	return map;
}

function readSet(from: ValueReader, slot: number): object {
	const set = from.settle(slot, new Set());
	for (let left = from.count(); left > 0; left--) set.add(from.read());
	return set;
}

function readArrayBuffer(from: ValueReader, slot: number): object {
	const window = from.window(from.varint());
	const copy = new Uint8Array(window.length);
	copy.set(window);
	return from.settle(slot, copy.buffer);
}

function readView(from: ValueReader, slot: number): object {
	const kind = VIEW_KINDS[from.byte()];
	const buffer = from.read();
	const offset = from.varint();
	const length = from.varint();
	if (kind === undefined || !types.isArrayBuffer(buffer)) from.damaged('a view has no buffer');
	if (kind === 'Buffer') return from.settle(slot, Buffer.from(buffer, offset, length));
	const View = Reflect.get(globalThis, kind) as Construct | undefined;
	if (View === undefined) from.damaged(`this Node has no ${kind}, which is needed`);
	return from.settle(slot, new View(buffer, offset, length));
}

function readError(from: ValueReader, slot: number): object {
	const Native = Reflect.get(globalThis, ERROR_KINDS[from.byte()] ?? 'Error') as Construct;
	const limit = Error.stackTraceLimit;
	Error.stackTraceLimit = 0; // The stack comes from the message.
	const error = from.settle(slot, Native === AggregateError ? new Native([]) : new Native());
	Error.stackTraceLimit = limit;
	Reflect.deleteProperty(error, 'errors');
	Reflect.deleteProperty(error, 'message');
	for (let left = from.count(3); left > 0; left--) {
		const key = from.string();
		const enumerable = from.byte() === 1;
		Object.defineProperty(error, key, { value: from.read(), enumerable, writable: true, configurable: true });
	}
	return error;
}

function readDomException(from: ValueReader, slot: number): object {
	const error = from.settle(slot, new DOMException(from.string(), from.string()));
	const stack = from.read();
	const cause = from.read();
	const hidden = { enumerable: false, writable: true, configurable: true };
	Object.defineProperty(error, 'stack', { ...hidden, value: stack });
	if (cause !== undefined) Object.defineProperty(error, 'cause', { ...hidden, value: cause });
	return error;
}

/** Only primitives are: of anything else `Object` would give the thing itself, which may be nobody's to change. */
function boxed(from: ValueReader): object {
	const value = from.read();
	if (Object(value) === value) from.damaged('a primitive is missing');
	return Object(value) as object;
}

/** By tag; null for tags that are not built-in types. */
export const builtinReaders: readonly (Read | null)[] = (() => {
	const readers: (Read | null)[] = new Array(256).fill(null);
	const simple = (make: (from: ValueReader) => object): Read => {
		return (from, slot) => from.settle(slot, make(from));
	};
	readers[tag.MAP] = readMap;
	readers[tag.SET] = readSet;
	readers[tag.BULK] = simple(readBulk);
	readers[tag.DATE] = simple((from) => new Date(from.float64()));
	readers[tag.REGEXP] = simple((from) => new RegExp(from.string(), from.string()));
	readers[tag.BOXED] = simple(boxed);
	readers[tag.ARRAY_BUFFER] = readArrayBuffer;
	readers[tag.VIEW] = readView;
	readers[tag.BUFFER] = simple((from) => Buffer.from(from.window(from.varint())));
	readers[tag.ERROR] = readError;
	readers[tag.DOM_EXCEPTION] = readDomException;
	readers[tag.URL_TAG] = simple((from) => new URL(from.string()));
	readers[tag.URL_SEARCH] = simple((from) => new URLSearchParams(from.string()));
	return readers;
})();
