/** Functions and classes, as references where a module exports them, else as closures. */
import { types } from 'node:util';
import { type Capture, closures, describeFunction } from './closure.ts';
import { isNative } from './encode-builtins.ts';
import type { Binding } from './function-inspector.ts';
import { functionReferences } from './function-ref.ts';
import { interopModule, moduleByIdentity } from './module-imports.ts';
import * as tag from './tags.ts';
import { Unpicklable } from './unpicklable.ts';
import type { ValueWriter } from './value-writer.ts';

type AnyFunction = { (): unknown; name: string; prototype?: object };

export function writeFunction(out: ValueWriter, fn: AnyFunction): void {
	if (out.refer(fn)) return;
	if (types.isProxy(fn)) throw new Unpicklable('it is a Proxy of a function; send the function itself');
	if (closures.isRebuilt(fn)) {
		writeClosure(out, fn);
		return;
	}
	const reference = functionReferences.find(fn);
	if (reference !== null) {
		out.byte(tag.MEMBER);
		out.module(reference.module);
		out.strings(reference.path);
		return;
	}
	if (!isNative(fn)) {
		writeClosure(out, fn);
		return;
	}
	const { binding } = functionReferences.examine(fn);
	if (binding !== undefined) {
		writeBound(out, fn, binding);
		return;
	}
	throw new Unpicklable(
		`function ${fn.name || '(anonymous)'} is native code that no module exports; send a function of your own that calls it`,
	);
}

/** Names the function and the part of it that cannot travel; the path stays that of the function. */
function partOf(fn: AnyFunction, part: string, write: () => void): void {
	try {
		write();
	} catch (error) {
		if (!(error instanceof Unpicklable)) throw error;
		const where = error.steps.reverse().join('');
		const inside = where === '' ? '' : ` at ${where}`;
		const message = `${describeFunction(fn)} ${part}, which cannot travel${inside}: ${error.message}`;
		throw new Unpicklable(message, { cause: error.cause });
	}
}

function writeBound(out: ValueWriter, fn: AnyFunction, { target, self, args }: Binding): void {
	out.byte(tag.BOUND);
	partOf(fn, 'is bound from a function', () => out.write(target));
	partOf(fn, 'is bound to a `this`', () => out.write(self));
	out.varint(args.length);
	args.forEach((arg, i) => {
		partOf(fn, `is bound to the argument ${i}`, () => out.write(arg));
	});
}

function writeClosure(out: ValueWriter, fn: AnyFunction): void {
	const { template, captures } = takeApart(fn);
	out.byte(tag.CLOSURE);
	out.byte(template.form);
	out.byte(template.strict ? 1 : 0);
	out.string(template.name);
	out.string(template.code);
	out.string(template.url);
	out.varint(template.line);
	out.varint(template.column);
	out.varint(template.eager);
	out.strings(captures.map((capture) => capture.name));
	for (const capture of captures) {
		partOf(fn, `captures the variable ${capture.name}`, () => writeCapture(out, capture, template.url));
	}
	const isClass = /^class\b/.test(Function.prototype.toString.call(fn));
	partOf(fn, 'has properties', () => writeProperties(out, isClass ? {} : fn));
	partOf(fn, 'has a prototype', () => writeProperties(out, isClass ? {} : (fn.prototype ?? {})));
}

function takeApart(fn: AnyFunction): ReturnType<typeof closures.takeApart> {
	try {
		return closures.takeApart(fn);
	} catch (error) {
		if (error instanceof Unpicklable) error.message = `${describeFunction(fn)} cannot travel: ${error.message}`;
		throw error;
	}
}

function writeCapture(out: ValueWriter, { origin, value }: Capture, url: string): void {
	if (origin === null) {
		writeCapturedValue(out, value);
		return;
	}
	if (typeof origin === 'object') {
		writeImport(out, origin.import.module, origin.import.path);
		return;
	}
	out.byte(origin === 'require' ? tag.REQUIRE : tag.IMPORT_META);
	out.string(url);
}

function writeImport(out: ValueWriter, module: string, path: readonly string[]): void {
	out.byte(tag.IMPORTED);
	out.module(module);
	out.strings(path);
}

function writeCapturedValue(out: ValueWriter, value: unknown): void {
	const module = moduleByIdentity(value);
	if (module !== null) {
		writeImport(out, module, []);
		return;
	}
	const wrapped = interopModule(value);
	if (wrapped === null) {
		out.write(value);
		return;
	}
	out.byte(tag.INTEROP);
	out.module(wrapped);
}

/** Own enumerable properties: what was hung on a function, or on the prototype of an old-style class. */
function writeProperties(out: ValueWriter, holder: object): void {
	const keys = Object.keys(holder);
	out.varint(keys.length);
	for (const key of keys) {
		out.string(key);
		out.inside(`.${key}`, (holder as Record<string, unknown>)[key]);
	}
}
