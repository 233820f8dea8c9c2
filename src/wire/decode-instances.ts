/** The counterpart of encode-instances: objects with a class, with hooks, shared ones. */
import { UnpicklingError } from '../base/errors.ts';
import { refuseShared } from './confined-member.ts';
import { isReachable, knowsShared, receiveShared } from './handoff.ts';
import { setField } from './read-shapes.ts';
import * as tag from './tags.ts';
import { PENDING_INSTANCE, type ValueReader } from './value-reader.ts';

/** Own fields, whatever accessors the class has under the same names. */
function assign(target: object, fields: object): void {
	for (const [key, value] of Object.entries(fields)) {
		if (!(key in target)) setField(target, key, value);
		else Object.defineProperty(target, key, { value, writable: true, enumerable: true, configurable: true });
	}
}

/** The fields are written like an object, which is not one of the message's: its number is taken back. */
export function readFields(from: ValueReader): (target: object) => void {
	const kind = from.byte();
	if (kind === tag.OBJECT_WIDE) return (target) => readPairs(from, target);
	if (kind !== tag.OBJECT_NEW_SHAPE && kind !== tag.OBJECT_KNOWN_SHAPE) from.damaged('fields are missing');
	const keys = from.shapeKeys(kind);
	return (target) => {
		for (const key of keys) assign(target, { [key]: from.read() });
	};
}

export function readPairs(from: ValueReader, target: object): void {
	for (let left = from.count(2); left > 0; left--) {
		const key = from.string();
		const value = from.read();
		if (key in target)
			Object.defineProperty(target, key, { value, writable: true, enumerable: true, configurable: true });
		else setField(target, key, value);
	}
}

function prototypeOf(from: ValueReader): object {
	const own = from.read();
	const prototype: unknown = typeof own === 'function' ? own.prototype : undefined;
	if (typeof prototype !== 'object' || prototype === null) from.damaged('a class is missing');
	return prototype;
}

/** An object whose prototype comes first. It may have been referred to meanwhile, and exists then. */
function withPrototype(from: ValueReader, slot: number, prototype: object): object {
	const early = from.references[slot];
	if (typeof early === 'object') return Object.setPrototypeOf(early, prototype);
	return from.settle(slot, Object.create(prototype) as object);
}

export function readInstance(from: ValueReader): object {
	const slot = from.reserve(PENDING_INSTANCE);
	const object = withPrototype(from, slot, prototypeOf(from));
	readFields(from)(object);
	return object;
}

export function readObjectWithProto(from: ValueReader): object {
	const slot = from.reserve(PENDING_INSTANCE);
	const prototype = from.read() ?? Object.prototype;
	if (typeof prototype !== 'object') from.damaged('a prototype is missing');
	const object = withPrototype(from, slot, prototype);
	readFields(from)(object);
	return object;
}

export function readNullPrototype(from: ValueReader): object {
	const object = from.settle(from.reserve(), Object.create(null) as object);
	readFields(from)(object);
	return object;
}

export function readSubclass(from: ValueReader): object {
	const slot = from.reserve();
	const object = from.content(slot);
	Object.setPrototypeOf(object, prototypeOf(from));
	readFields(from)(object);
	return object;
}

export function readReduced(from: ValueReader): unknown {
	const slot = from.reserve();
	const [rebuild, ...args] = Array.from({ length: from.count() }, () => from.read());
	if (typeof rebuild !== 'function') from.damaged('a rebuild function is missing');
	return from.settle(slot, rebuild(...args) as unknown);
}

export function readShared(from: ValueReader, slot: number = from.reserve()): object {
	const home = from.byte() === 1 ? from.moduleName() : null;
	const kind = from.string();
	if (from.trust.allowed !== undefined) refuseShared(kind);
	if (from.trust.origin === 'outside' && !isReachable(kind)) {
		throw new UnpicklingError(
			'Cannot unpickle a shared object that comes from another program: there is nothing to share',
		);
	}
	const data = from.read();
	if (!knowsShared(kind) && home !== null) from.member(home, []);
	const object = receiveShared({ kind, data });
	if (object !== undefined) return from.settle(slot, object);
	throw new UnpicklingError(
		`Cannot unpickle a shared ${kind}: nothing in this process knows that kind; import the module that defines it`,
	);
}
