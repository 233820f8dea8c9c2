/** Built-in types that are not plain objects, written by their content. Each has its number in the message already. */
import { types } from 'node:util';
import { isBulk, writeBulk } from './bulk.ts';
import * as tag from './tags.ts';
import { mapStep, propertyStep, Unpicklable } from './unpicklable.ts';
import type { ValueWriter } from './value-writer.ts';

type Write = (out: ValueWriter, value: never) => void;

/** In the order of their numbers in a message. Append only. */
export const VIEW_KINDS: readonly string[] = [
	...['Int8Array', 'Uint8Array', 'Uint8ClampedArray', 'Int16Array', 'Uint16Array', 'Int32Array', 'Uint32Array'],
	...['Float32Array', 'Float64Array', 'BigInt64Array', 'BigUint64Array', 'DataView', 'Buffer', 'Float16Array'],
];
export const ERROR_KINDS: readonly string[] = [
	...['Error', 'EvalError', 'RangeError', 'ReferenceError', 'SyntaxError', 'TypeError', 'URIError', 'AggregateError'],
];

function writeMap(out: ValueWriter, map: Map<unknown, unknown>): void {
	if (isBulk(map)) {
		writeBulk(out, map);
		return;
	}
	out.byte(tag.MAP);
	const entries = [...Map.prototype.entries.call(map)];
	out.varint(entries.length);
	entries.forEach(([key, value], i) => {
		out.inside(`.keys()[${i}]`, key);
		out.inside(mapStep(key), value);
	});
}

function writeSet(out: ValueWriter, set: Set<unknown>): void {
	if (isBulk(set)) {
		writeBulk(out, set);
		return;
	}
	out.byte(tag.SET);
	const items = [...Set.prototype.values.call(set)];
	out.varint(items.length);
	items.forEach((item, i) => {
		out.inside(`[${i}]`, item);
	});
}

function writeDate(out: ValueWriter, date: Date): void {
	out.byte(tag.DATE);
	out.float64(Date.prototype.getTime.call(date));
}

function writeRegExp(out: ValueWriter, pattern: RegExp): void {
	out.byte(tag.REGEXP);
	out.string(pattern.source);
	out.string(pattern.flags);
}

const boxes: readonly { valueOf(this: unknown): unknown }[] = [
	Number.prototype,
	String.prototype,
	Boolean.prototype,
	BigInt.prototype,
	Symbol.prototype,
];

function writeBoxed(out: ValueWriter, boxed: object): void {
	out.byte(tag.BOXED);
	for (const { valueOf } of boxes) {
		let content: unknown;
		try {
			content = valueOf.call(boxed);
		} catch {
			continue; // Not in this box; the language has no other way to ask.
		}
		out.write(content);
		return;
	}
}

function writeArrayBuffer(out: ValueWriter, buffer: ArrayBuffer): void {
	if ((buffer as { detached?: boolean }).detached) {
		throw new Unpicklable('its ArrayBuffer is detached (it was transferred away); pickle it before the transfer');
	}
	out.byte(tag.ARRAY_BUFFER);
	out.varint(buffer.byteLength);
	out.raw(new Uint8Array(buffer));
}

function refuseSharedBuffer(): never {
	throw new Unpicklable(
		"it is a SharedArrayBuffer, which only threads of one process can share; use polyproc's SharedMemory or Array",
	);
}

function writeView(out: ValueWriter, view: ArrayBufferView & { length?: number }): void {
	const kind = Buffer.isBuffer(view) ? 'Buffer' : (Reflect.get(view, Symbol.toStringTag) as string);
	if (kind === 'Buffer' && view.byteLength !== view.buffer.byteLength) {
		// Mostly a window of Node's allocation pool, or a slice of a file: nobody means to send the rest.
		out.byte(tag.BUFFER);
		out.varint(view.byteLength);
		out.raw(view as Buffer);
		return;
	}
	out.byte(tag.VIEW);
	out.byte(VIEW_KINDS.indexOf(kind));
	out.inside('.buffer', view.buffer);
	out.varint(view.byteOffset);
	out.varint(view.length ?? view.byteLength);
}

/** The native class an error is made of. */
function errorKind(error: Error): number {
	for (let proto = Object.getPrototypeOf(error); proto !== null; proto = Object.getPrototypeOf(proto)) {
		const kind = ERROR_KINDS.indexOf(proto.constructor?.name);
		if (kind >= 0 && Object.hasOwn(proto, 'constructor') && isNative(proto.constructor)) return kind;
	}
	return 0;
}

/** Whether a function is implemented by the engine. */
export function isNative(fn: object): boolean {
	return /\{\s*\[native code\]\s*\}$/.test(Function.prototype.toString.call(fn));
}

function writeError(out: ValueWriter, error: Error): void {
	out.byte(tag.ERROR);
	out.byte(errorKind(error));
	const keys = Object.getOwnPropertyNames(error);
	out.varint(keys.length);
	for (const key of keys) {
		out.string(key);
		const enumerable = Object.prototype.propertyIsEnumerable.call(error, key);
		out.byte(enumerable ? 1 : 0);
		out.inside(propertyStep(key), (error as unknown as Record<string, unknown>)[key]);
	}
}

function writeDomException(out: ValueWriter, error: DOMException): void {
	out.byte(tag.DOM_EXCEPTION);
	out.string(error.message);
	out.string(error.name);
	out.write(error.stack);
	out.inside('.cause', (error as { cause?: unknown }).cause);
}

function writeUrl(out: ValueWriter, url: URL): void {
	out.byte(tag.URL_TAG);
	out.string(url.href);
}

function writeUrlSearch(out: ValueWriter, search: URLSearchParams): void {
	out.byte(tag.URL_SEARCH);
	out.string(String(search));
}

interface Builtin {
	readonly is: (value: unknown) => boolean;
	readonly write: Write;
}

function isDomException(value: unknown): boolean {
	return Object.prototype.toString.call(value) === '[object DOMException]' && value instanceof DOMException;
}

/** Asked in this order, once per prototype. */
const builtins: readonly Builtin[] = [
	{ is: types.isMap, write: writeMap },
	{ is: types.isSet, write: writeSet },
	{ is: types.isDate, write: writeDate },
	{ is: types.isRegExp, write: writeRegExp },
	{ is: isDomException, write: writeDomException },
	{ is: types.isNativeError, write: writeError },
	{ is: ArrayBuffer.isView, write: writeView },
	{ is: types.isArrayBuffer, write: writeArrayBuffer },
	{ is: types.isSharedArrayBuffer, write: refuseSharedBuffer },
	{ is: types.isBoxedPrimitive, write: writeBoxed },
	{ is: (value) => value instanceof URL, write: writeUrl },
	{ is: (value) => value instanceof URLSearchParams, write: writeUrlSearch },
	{ is: Array.isArray, write: (out, array: unknown[]) => out.array(array) },
];

/** The built-in type an object is an instance of, by what it is made of and not by what it claims. */
export function builtinOf(value: object): Builtin | undefined {
	return builtins.find((builtin) => builtin.is(value));
}

export type { Builtin };
