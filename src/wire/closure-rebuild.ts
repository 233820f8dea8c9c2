/**
 * Makes a closure again from its parts: compiles its text inside a function whose variables are the captured ones, in
 * three steps, because functions may capture each other and themselves: 1. the variables a class needs to be defined,
 * 2. the function, 3. all other variables.
 *
 * The text is compiled under the name and at the line of the file it came from, so stack traces show the original place
 * and a dynamic `import('./x.js')` means the same file.
 */
import { dirname } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type vm from 'node:vm';
import { type Capture, type Closure, closures, type Template } from './closure.ts';
import { GETTER, METHOD, SETTER } from './closure-syntax.ts';
import { requireFrom } from './module-registry.ts';
import { compileImporting } from './native-import.ts';

/** What the compiled text answers: access to its variables, and the function. */
interface Cells {
	readonly setEager: (values: readonly unknown[]) => void;
	readonly setLazy: (values: readonly unknown[]) => void;
	readonly read: () => unknown[];
	readonly make: () => object;
}

/** A worker that runs one task a thousand times compiles it once; so many texts are remembered. */
const REMEMBERED = 256;
/** Positions beyond this column are those of minified code, where padding would cost more than it tells. */
const WIDEST = 500;

const pattern = (names: readonly string[]): string => `[${names.join(', ')}] = arguments[0];`;

function sourceOf({ strict, code, eager, column }: Template, names: readonly string[]): string {
	const declarations = names.length === 0 ? '' : `let ${names.join(', ')};`;
	const setters = [names.slice(0, eager), names.slice(eager)].map((part) => `function () { ${pattern(part)} }`);
	const head = `(function () { ${strict ? '"use strict";' : ''} ${declarations}`;
	const indent = ' '.repeat(column > WIDEST ? 0 : Math.max(0, column - 1));
	return `${head} return [${setters.join(', ')}, function () { return [${names.join(', ')}] }, function () { return (\n${indent}${code}) }] })`;
}

class CompiledClosures {
	readonly #scripts = new Map<string, vm.Script>();

	cells(template: Template, names: readonly string[]): Cells {
		const source = sourceOf(template, names);
		const key = `${template.url}:${template.line}:${source}`;
		let script = this.#scripts.get(key);
		if (script === undefined) {
			const filename = template.url.startsWith('file:')
				? fileURLToPath(template.url)
				: template.url || 'polyproc-closure';
			script = compileImporting(source, filename, template.line - 1);
			if (this.#scripts.size >= REMEMBERED) this.#scripts.delete(this.#scripts.keys().next().value!);
			this.#scripts.set(key, script);
		}
		const [setEager, setLazy, read, make] = (
			script.runInThisContext() as () => [Cells['setEager'], Cells['setLazy'], Cells['read'], Cells['make']]
		)();
		return { setEager, setLazy, read, make };
	}
}

const compiled = new CompiledClosures();

/** A function being rebuilt, one step at a time. */
export class RebuiltClosure {
	readonly #template: Template;
	readonly #names: readonly string[];
	readonly #origins: Capture['origin'][] = [];
	readonly #cells: Cells;
	readonly #values: unknown[] = [];

	constructor(template: Template, names: readonly string[]) {
		this.#template = template;
		this.#names = names;
		this.#cells = compiled.cells(template, names);
	}

	/** The next captured variable. */
	add(value: unknown, origin: Capture['origin']): void {
		this.#values.push(value);
		this.#origins.push(origin);
	}

	/** The function, once its eager variables have been added. */
	make(): object {
		const { name, form, eager } = this.#template;
		this.#cells.setEager(this.#values.slice(0, eager));
		const made = this.#cells.make.call(undefined);
		const fn = form === METHOD || form === GETTER || form === SETTER ? fromLiteral(made, form) : made;
		if (
			(fn as { name?: unknown }).name !== name &&
			Object.getOwnPropertyDescriptor(fn, 'name')?.configurable !== false
		) {
			Object.defineProperty(fn, 'name', { value: name, configurable: true });
		}
		closures.learn(fn, () => this.#takeApart());
		return fn;
	}

	/** Gives the other variables their values. */
	finish(): void {
		this.#cells.setLazy(this.#values.slice(this.#template.eager));
	}

	#takeApart(): Closure {
		const now = this.#cells.read();
		const captures = this.#names.map((name, i) => ({ name, origin: this.#origins[i] ?? null, value: now[i] }));
		return { template: this.#template, captures };
	}
}

function fromLiteral(literal: object, form: number): object {
	const descriptor = Object.getOwnPropertyDescriptor(literal, Reflect.ownKeys(literal)[0]!)!;
	return (form === GETTER ? descriptor.get : form === SETTER ? descriptor.set : descriptor.value) as object;
}

/** What `import.meta` has in every module of Node. */
export function importMeta(url: string): object {
	const filename = url.startsWith('file:') ? fileURLToPath(url) : undefined;
	const resolve = (specifier: string): string => {
		if (/^\.{0,2}\//.test(specifier)) return new URL(specifier, url).href;
		const resolved = requireFrom(url).resolve(specifier);
		return resolved.startsWith('/') || /^[A-Za-z]:/.test(resolved) ? pathToFileURL(resolved).href : resolved;
	};
	return { url, ...(filename !== undefined && { filename, dirname: dirname(filename) }), resolve };
}
