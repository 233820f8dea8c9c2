/**
 * A function that no module exports, taken apart: its text, where it stood, and the variables it captured with their
 * values of this moment. Works for functions compiled here and for those that arrived as closures themselves.
 */
import { fileURLToPath } from 'node:url';
import { analyzeClosure, type ClosureSyntax } from './closure-syntax.ts';
import { inspector, type Location } from './function-inspector.ts';
import { functionReferences } from './function-ref.ts';
import { type Import, importBindings } from './module-imports.ts';
import { pathToNode, type ScriptSource, scriptSources } from './script-source.ts';
import type { Node } from './syntax.ts';
import { Unpicklable } from './unpicklable.ts';

/** What a captured variable is, besides a value of its own. */
export type Origin = { readonly import: Import } | 'require' | 'import.meta';

export interface Capture {
	readonly name: string;
	/** Where the variable comes from, if it can be had again there. */
	readonly origin: Origin | null;
	readonly value: unknown;
}

/** Everything about a closure that does not change from call to call. */
export interface Template {
	readonly name: string;
	readonly form: number;
	readonly code: string;
	/** Of the module the function stood in; '' for none. */
	readonly url: string;
	readonly line: number;
	readonly column: number;
	readonly strict: boolean;
	/** The first `eager` captures must be there before the code is evaluated. */
	readonly eager: number;
}

export interface Closure {
	readonly template: Template;
	readonly captures: readonly Capture[];
}

/** "function tick (/app/main.js:12)": how messages name it. */
export function describeFunction(fn: { name: string }): string {
	const location = functionReferences.examine(fn).location;
	const url = location?.script.url ?? '';
	const file = url.startsWith('file:') ? fileURLToPath(url) : url;
	return `function ${fn.name || '(anonymous)'}${file === '' ? '' : ` (${file}:${location!.line + 1})`}`;
}

/** `'use strict'` among the first statements of a program or function. */
function hasStrictDirective(node: Node): boolean {
	const body = node.type === 'Program' ? node.body : (node.body as Node | undefined)?.body;
	return Array.isArray(body) && (body as Node[]).some((statement) => statement.directive === 'use strict');
}

function isStrict(source: ScriptSource, around: readonly Node[]): boolean {
	if (source.isModule) return true;
	const outermost = source.tree === null ? [] : [source.tree];
	return [...outermost, ...around].some((node) => node.type === 'ClassBody' || hasStrictDirective(node));
}

/** Analysed once per place and text: arrow functions are made anew at every call, from the same text. */
interface Analysis {
	readonly syntax: ClosureSyntax;
	readonly template: Omit<Template, 'name' | 'eager'>;
	readonly imports: ReadonlyMap<string, Import>;
}

/** An arrow function directly in a module has `this === undefined`; elsewhere `this` belongs to a call long gone. */
function refuseSurroundings(syntax: ClosureSyntax, source: ScriptSource, around: readonly Node[]): void {
	const isTopLevel = around
		.slice(0, -1)
		.every((node) => !/^(Function|Class|PropertyDefinition|StaticBlock)/.test(node.type));
	const lost = syntax.surroundings.find(
		(name) => !(name === 'this' && source.isModule && around.length > 0 && isTopLevel),
	);
	if (lost === undefined) return;
	throw new Unpicklable(
		`it uses \`${lost}\` of the function around it, which cannot be read from outside; copy what it needs into a variable (const self = …), or pass it as an argument`,
	);
}

class Closures {
	readonly #analyses = new Map<string, Analysis>();
	readonly #rebuilt = new WeakMap<object, () => Closure>();

	/** Notes how a function that arrived as a closure can be taken apart again. */
	learn(fn: object, takeApart: () => Closure): void {
		this.#rebuilt.set(fn, takeApart);
	}

	isRebuilt(fn: object): boolean {
		return this.#rebuilt.has(fn);
	}

	takeApart(fn: { name: string }): Closure {
		const rebuilt = this.#rebuilt.get(fn);
		if (rebuilt !== undefined) return rebuilt();
		const location = functionReferences.examine(fn).location;
		if (location === undefined) throw new Unpicklable('it is a native function that no module exports');
		if (location.script.url.startsWith('node:')) {
			throw new Unpicklable('it is a part of Node that no module exports; send a function of your own that calls it');
		}
		const { syntax, template, imports } = this.#analyze(fn, location);
		const name = typeof fn.name === 'string' ? fn.name : '';
		const captures = this.#captures(fn, syntax, template.url, imports);
		const eager = captures.filter((capture) => syntax.eager.includes(capture.name)).length;
		return { template: { ...template, name, eager }, captures };
	}

	#analyze(fn: object, location: Location): Analysis {
		const text = Function.prototype.toString.call(fn);
		const key = `${location.script.id}:${location.line}:${location.column}:${text.length}`;
		const known = this.#analyses.get(key);
		if (known !== undefined) return known;
		const { isModule } = functionReferences.examine(fn);
		const url = location.script.url;
		const syntax = analyzeClosure(text, isModule);
		const source = scriptSources.get(location.script, isModule);
		const around = pathToNode(source, source.offsetOf(location), text);
		refuseSurroundings(syntax, source, around);
		const start = around.at(-1)?.start;
		const analysis = {
			syntax,
			imports: isModule ? importBindings(source, url) : new Map<string, Import>(),
			template: {
				form: syntax.form,
				code: syntax.code,
				url,
				...(start === undefined ? { line: location.line, column: location.column } : positionOf(source.text, start)),
				strict: isStrict(source, around),
			},
		};
		this.#analyses.set(key, analysis);
		return analysis;
	}

	#captures(fn: object, syntax: ClosureSyntax, url: string, imports: ReadonlyMap<string, Import>): Capture[] {
		const names = [...syntax.eager, ...syntax.lazy];
		const found = inspector.variables(fn, names);
		const captures: Capture[] = [];
		// Names that no scope has are left alone: they mean the receiver's globals.
		for (const name of names) {
			const imported = imports.get(name);
			if (imported !== undefined) captures.push({ name, origin: { import: imported }, value: undefined });
			else if (name === syntax.superclass) captures.push({ name, origin: null, value: Object.getPrototypeOf(fn) });
			else if (found.has(name)) captures.push(captureOf(name, found.get(name)!, url));
			else if (syntax.eager.includes(name) && !(name in globalThis)) refuseLost(name);
		}
		if (syntax.importMeta !== null) captures.push({ name: syntax.importMeta, origin: 'import.meta', value: undefined });
		return captures;
	}
}

function refuseLost(name: string): never {
	throw new Unpicklable(
		`V8 has not kept its variable ${name}, which is needed to define it; export it from a module instead`,
	);
}

function captureOf(name: string, variable: { value: unknown } | { dead: true }, url: string): Capture {
	if ('dead' in variable) {
		throw new Unpicklable(
			`its variable ${name} has no value yet (it is declared further down); pickle it after the declaration has run`,
		);
	}
	const isRequire = name === 'require' && typeof variable.value === 'function' && url.startsWith('file:');
	return { name, origin: isRequire ? 'require' : null, value: variable.value };
}

function positionOf(text: string, offset: number): { line: number; column: number } {
	const before = text.slice(0, offset).split(/\r\n?|[\n\u2028\u2029]/);
	return { line: before.length - 1, column: before.at(-1)!.length };
}

export const closures: Closures = new Closures();
