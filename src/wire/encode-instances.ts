/**
 * Objects that are more than their fields: built-in types, instances of classes, objects with hooks, shared objects.
 * What an object is depends on its prototype almost always, so that is worked out once per prototype.
 */
import { types } from 'node:util';
import { classOfPrototype, whyNotCopied } from './class-facts.ts';
import { type Builtin, builtinOf, isNative } from './encode-builtins.ts';
import { inspector } from './function-inspector.ts';
import { functionReferences } from './function-ref.ts';
import {
	baseOf,
	type Destination,
	type Elsewhere,
	findForeign,
	handoff,
	instead,
	OUTSIDE,
	reachable,
	type Shareable,
	type SharedReference,
	sharedHome,
} from './handoff.ts';
import { reduce, reductionOf } from './reduce.ts';
import * as tag from './tags.ts';
import { Unpicklable } from './unpicklable.ts';
import type { ValueWriter } from './value-writer.ts';

/** How objects with one prototype are written. */
interface Kind {
	readonly builtin?: Builtin;
	/** The class, or (objects made with `Object.create`) the prototype. */
	readonly class?: object;
	readonly prototype?: object;
	readonly refused?: string;
}

const plain: Kind = {};

class Kinds {
	readonly #byPrototype = new WeakMap<object, Kind>();

	of(value: object): Kind {
		const prototype = Object.getPrototypeOf(value);
		const known = this.#byPrototype.get(prototype);
		// A prototype can lie (`Object.create(Map.prototype)`); what the object is made of cannot.
		if (known !== undefined && (known.builtin === undefined || known.builtin.is(value))) return known;
		const kind = this.#examine(value, prototype);
		this.#byPrototype.set(prototype, kind);
		return kind;
	}

	#examine(value: object, prototype: object): Kind {
		const builtin = builtinOf(value);
		const own = classOfPrototype(prototype) as { name: string } | undefined;
		if (builtin !== undefined && (own === undefined || isNative(own) || isNodes(own))) return { builtin };
		if (own === undefined) return withoutClass(value, prototype);
		if (isNative(own) && own.name === 'Object') return plain;
		const why = whyNotCopied(prototype);
		if (why !== null) return { refused: why + advice(value) };
		return builtin === undefined ? { class: own } : { builtin, class: own };
	}
}

/** Node's own classes (Buffer, URL, its internal errors) are written as what they are made of. */
function isNodes(own: object): boolean {
	if (own === Buffer || own === URL || own === URLSearchParams || own === globalThis.DOMException) return true;
	const reference = functionReferences.find(own);
	if (reference !== null) return false;
	if (!inspector.isAvailable) return true; // what no module of the program exports: at least what it is made of arrives
	return functionReferences.examine(own).location?.script.url.startsWith('node:') ?? false;
}

function withoutClass(value: object, prototype: object): Kind {
	const name: unknown = Reflect.get(value, Symbol.toStringTag);
	if (typeof name !== 'string' && !types.isGeneratorObject(value)) return { prototype };
	const isIterator = types.isGeneratorObject(value) || String(name).endsWith('Iterator');
	const advise = isIterator ? '; send its items as an array' : '';
	return { refused: `it is a ${name ?? 'Generator'}, which lives in this process only${advise}` };
}

function advice(value: object): string {
	if (types.isPromise(value)) return '; await it and send the result';
	return types.isWeakMap(value) || types.isWeakSet(value) ? '; use a Map or a Set' : '';
}

const kinds = new Kinds();

type Hooks = { [handoff]?: unknown; [reduce]?: unknown };

export function writeSpecial(out: ValueWriter, value: object): void {
	if (out.refer(value)) return;
	const reference = referenceTo(value, out.destination);
	if (reference !== undefined) {
		writeReference(out, value, reference);
		return;
	}
	const reduction = reductionOf(value);
	if (reduction !== undefined) {
		writeReduced(out, value, reduction);
		return;
	}
	if (Object.getPrototypeOf(value) === null) {
		writeNullPrototype(out, value);
		return;
	}
	const kind = kinds.of(value);
	if (kind.refused !== undefined) throw new Unpicklable(kind.refused);
	if (kind.builtin === undefined) {
		writeInstance(out, value, kind);
		return;
	}
	if (kind.class === undefined) {
		kind.builtin.write(out, value as never);
		return;
	}
	out.byte(tag.SUBCLASS);
	kind.builtin.write(out, value as never);
	out.inside('.constructor', kind.class);
	const skip = types.isNativeError(value) || Array.isArray(value) || ArrayBuffer.isView(value);
	const keys =
		skip && !ArrayBuffer.isView(value) ? [] : Object.keys(value).filter((key) => !skip || !/^\d+$/.test(key));
	out.fields(value, keys);
}

/** What crosses in place of a shared object; `undefined`: it is none. */
function referenceTo(value: object, destination: Destination): SharedReference | undefined {
	const isShareable = typeof (value as Hooks)[handoff] === 'function';
	const foreign = isShareable ? undefined : findForeign(value);
	if (!isShareable && foreign === undefined) return undefined;
	const elsewhere = (destination as Partial<Elsewhere> | null)?.[instead];
	if (elsewhere !== undefined) return elsewhere.call(destination, value);
	if (destination === OUTSIDE && (value as Partial<Shareable>)[reachable] !== true) {
		throw new Unpicklable(
			`it is a shared ${value.constructor.name}, and this connection leads to a program that it cannot be shared with; send a copy of what is in it, or send it through a pipe`,
		);
	}
	return foreign?.handoff(value, destination) ?? (value as Shareable)[handoff](destination);
}

function writeInstance(out: ValueWriter, value: object, kind: Kind): void {
	const keys = Object.keys(value);
	if (kind.class !== undefined) {
		out.byte(tag.INSTANCE);
		out.inside('.constructor', kind.class);
	} else if (kind.prototype !== undefined) {
		out.byte(tag.OBJECT_WITH_PROTO);
		out.inside('.__proto__', kind.prototype);
	} else {
		out.byte(tag.OBJECT_WITH_PROTO);
		out.byte(tag.UNDEFINED);
	}
	out.fields(value, keys);
}

function writeNullPrototype(out: ValueWriter, value: object): void {
	if (types.isModuleNamespaceObject(value)) {
		throw new Unpicklable('it is a module namespace; send the module’s URL, or a function that imports it');
	}
	out.byte(tag.OBJECT_NULL_PROTO);
	out.fields(value, Object.keys(value));
}

function writeReduced(out: ValueWriter, value: object, reduction: unknown): void {
	if (!Array.isArray(reduction) || typeof reduction[0] !== 'function') {
		const name = (value as { constructor?: { name?: string } }).constructor?.name;
		throw new Unpicklable(`the reduce hook of ${name} must return [rebuild, ...args] with a function first`);
	}
	out.byte(tag.REDUCED);
	out.varint(reduction.length);
	out.together(() => {
		reduction.forEach((item, i) => {
			out.inside(`[reduce]()[${i}]`, item);
		});
	});
}

/** Of a class that nobody can import, what arrives is an object of the class that it extends. */
function writeReference(out: ValueWriter, value: object, reference: SharedReference): void {
	const base = baseOf(reference.kind);
	const isExtended = base !== undefined && Object.getPrototypeOf(value) !== base.prototype;
	if (!isExtended || functionReferences.find(value.constructor) === null) {
		writeShared(out, reference);
		return;
	}
	out.byte(tag.SUBCLASS);
	writeShared(out, reference);
	out.inside('.constructor', value.constructor);
	out.fields(value, Object.keys(value));
}

function writeShared(out: ValueWriter, { kind, data }: SharedReference): void {
	const home = sharedHome();
	out.byte(tag.SHARED);
	out.byte(home === null ? 0 : 1);
	if (home !== null) out.module(home);
	out.string(kind);
	out.inside('[handoff]()', data);
}
