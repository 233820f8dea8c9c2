/** The counterpart of encode-functions. */
import type { Capture, Template } from './closure.ts';
import { importMeta, RebuiltClosure } from './closure-rebuild.ts';
import { confinedMember, refuseClosure } from './confined-member.ts';
import { functionReferences } from './function-ref.ts';
import { requireFrom } from './module-registry.ts';
import { setField } from './read-shapes.ts';
import * as tag from './tags.ts';
import type { ValueReader } from './value-reader.ts';

export function readMember(from: ValueReader): unknown {
	const slot = from.reserve();
	const module = from.moduleName();
	const path = from.strings();
	if (from.trust.allowed !== undefined) return from.settle(slot, confinedMember(from, module, path));
	const value = from.settle(slot, functionReferences.fromWitness(module, path) ?? from.member(module, path));
	if (typeof value === 'function') functionReferences.learn(value, { module, path });
	return value;
}

export function readBound(from: ValueReader): unknown {
	const slot = from.reserve();
	const target = from.read();
	const self = from.read();
	const args = Array.from({ length: from.count() }, () => from.read());
	if (typeof target !== 'function') from.damaged('a function is missing');
	return from.settle(slot, Function.prototype.bind.call(target, self, ...args));
}

export function readClosure(from: ValueReader): unknown {
	const slot = from.reserve();
	const form = from.byte();
	const strict = from.byte() === 1;
	const name = from.string();
	if (from.trust.allowed !== undefined) refuseClosure(name);
	const head = {
		name,
		code: from.string(),
		url: from.string(),
		line: from.varint(),
		column: from.varint(),
	};
	const template: Template = { form, strict, ...head, eager: from.varint() };
	const names = from.strings();
	if (template.eager > names.length) from.damaged('a closure lacks variables');
	const closure = new RebuiltClosure(template, names);
	for (let i = 0; i < template.eager; i++) readCapture(from, closure);
	const fn = from.settle(slot, closure.make());
	for (let i = template.eager; i < names.length; i++) readCapture(from, closure);
	closure.finish();
	readProperties(from, fn);
	readProperties(from, (fn as { prototype?: object }).prototype ?? {});
	return fn;
}

/** Captured imports have tags of their own, which are no values elsewhere. */
function readCapture(from: ValueReader, closure: RebuiltClosure): void {
	const [value, origin] = readVariable(from);
	closure.add(value, origin);
}

function readVariable(from: ValueReader): [unknown, Capture['origin']] {
	switch (from.bytes[from.at]) {
		case tag.IMPORTED: {
			from.at++;
			const origin = { module: from.moduleName(), path: from.strings() };
			return [from.member(origin.module, origin.path), { import: origin }];
		}
		case tag.REQUIRE:
			from.at++;
			return [requireFrom(from.string()), 'require'];
		case tag.IMPORT_META:
			from.at++;
			return [importMeta(from.string()), 'import.meta'];
		case tag.INTEROP:
			from.at++;
			return [interop(from.member(from.moduleName(), [])), null];
		default:
			return [from.read(), null];
	}
}

/** As the compilers' helpers do it: the module's exports by their names, and the module itself as `default`. */
function interop(module: unknown): object {
	const source = Object(module) as object;
	const namespace = Object.create(Object.getPrototypeOf(source) as object | null) as object;
	for (const key of Object.getOwnPropertyNames(source)) {
		const enumerable = Object.prototype.propertyIsEnumerable.call(source, key);
		Object.defineProperty(namespace, key, { get: () => Reflect.get(source, key), enumerable, configurable: true });
	}
	return Object.defineProperty(namespace, 'default', { value: module, enumerable: true, configurable: true });
}

function readProperties(from: ValueReader, holder: object): void {
	for (let left = from.count(2); left > 0; left--) setField(holder, from.string(), from.read());
}
