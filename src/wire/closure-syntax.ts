/**
 * What a function's own text says: which form it has (a method is no expression by itself), which names it takes from
 * outside, and what of its surroundings cannot be taken along (`this`, `super`, private names).
 */

import { analyzeScopes, children, type Node, parse, type Scope, walk } from './syntax.ts';
import { Unpicklable } from './unpicklable.ts';

/** How the text becomes a function again: as an expression, or as a property of an object literal. */
export const EXPRESSION = 0;
export const METHOD = 1;
export const GETTER = 2;
export const SETTER = 3;

export interface ClosureSyntax {
	readonly form: number;
	/** An expression; of a method, the object literal around it. */
	readonly code: string;
	/** Names that must have their values before the code is evaluated (what a class extends). */
	readonly eager: readonly string[];
	readonly lazy: readonly string[];
	/** Names of the surroundings that an arrow function uses: `this`, `arguments`, `new.target`. */
	readonly surroundings: readonly string[];
	/** The variable that stands for what a class extends. V8 need not keep it, but the class itself knows. */
	readonly superclass: string | null;
	/** The variable that stands for `import.meta`, if the code has it. */
	readonly importMeta: string | null;
}

const isClass = (node: Node): boolean => node.type === 'ClassExpression' || node.type === 'ClassDeclaration';
const isFunction = (node: Node): boolean => /^Function(Expression|Declaration)$/.test(node.type);

/** Visits what shares `this` with the root: not the inside of functions and classes. */
function walkSameThis(root: Node, enter: (node: Node) => void): void {
	for (const child of children(root)) {
		walk(child, (node) => {
			enter(node);
			return !isFunction(node) && !isClass(node);
		});
	}
}

function surroundingsOf(fn: Node): string[] {
	const used = new Set<string>();
	walkSameThis(fn, (node) => {
		if (node.type === 'ThisExpression') used.add('this');
		if (node.type === 'Super') used.add('super');
		if (node.type === 'MetaProperty' && (node.meta as unknown as { name: string }).name === 'new')
			used.add('new.target');
	});
	return [...used];
}

/** Private names that the text uses and does not declare. */
function foreignPrivateNames(root: Node): string[] {
	const declared = new Set<string>();
	const used = new Set<string>();
	walk(root, (node) => {
		const key = node.key as { type?: string; name?: string } | undefined;
		if (key?.type === 'PrivateIdentifier') declared.add(key.name!);
		else if (node.type === 'PrivateIdentifier') used.add(node.name as string);
		return true;
	});
	return [...used].filter((name) => !declared.has(name)).map((name) => `#${name}`);
}

/** Initializers of instance fields: they run when an instance is made, not when the class is. */
function instanceFieldValues(fn: Node): Set<unknown> {
	const fields = isClass(fn)
		? children(fn.body as Node).filter((e) => e.type === 'PropertyDefinition' && !e.static)
		: [];
	return new Set(fields.map((field) => field.value));
}

/** Whether a reference is reached while the root itself is being evaluated. */
function isEager(from: Scope, fn: Node, late: Set<unknown>): boolean {
	if (!isClass(fn)) return false;
	for (let scope: Scope | null = from; scope !== null; scope = scope.upper) {
		if (scope.type === 'function' || late.has(scope.block)) return false;
	}
	return true;
}

function freeNames(tree: Node, fn: Node, sourceType: 'module' | 'script'): { eager: string[]; lazy: string[] } {
	const late = instanceFieldValues(fn);
	const eager = new Set<string>();
	const lazy = new Set<string>();
	for (const { identifier, from } of analyzeScopes(tree, sourceType).through) {
		(isEager(from, fn, late) ? eager : lazy).add(identifier.name);
	}
	return { eager: [...eager], lazy: [...lazy].filter((name) => !eager.has(name)) };
}

/** Puts a variable of the same length in the place of every `import.meta`, so that positions stay as they are. */
function replaceImportMeta(code: string, tree: Node): { code: string; importMeta: string | null } {
	const places: Node[] = [];
	walk(tree, (node) => {
		if (node.type === 'MetaProperty' && (node.meta as unknown as { name: string }).name === 'import') places.push(node);
		return true;
	});
	if (places.length === 0) return { code, importMeta: null };
	const name = ['import_meta', 'import$meta', '$importmeta'].find((candidate) => !code.includes(candidate))!;
	let replaced = code;
	for (const { start, end } of places) {
		replaced = replaced.slice(0, start) + name.padEnd(end - start) + replaced.slice(end);
	}
	return { code: replaced, importMeta: name };
}

interface Parsed {
	readonly form: number;
	readonly code: string;
	readonly tree: Node;
	readonly fn: Node;
}

const expressionOf = (tree: Node | null): Node | undefined =>
	(tree?.body as Node[] | undefined)?.[0]?.expression as Node;

function parseFunction(text: string, sourceType: 'module' | 'script'): Parsed | null {
	const code = `(${text}\n)`;
	const tree = parse(code, sourceType);
	const fn = expressionOf(tree);
	if (tree === null || fn === undefined) return parseMethod(`({${text}\n})`, sourceType);
	const base = fn.superClass as Node | null | undefined;
	if (!base || base.type === 'Identifier' || base.type === 'Literal') return { form: EXPRESSION, code, tree, fn };
	// `extends mixin(Base)` was evaluated long ago: its result is what counts.
	return parseFunction(text.slice(0, base.start - 1) + SUPERCLASS + text.slice(base.end - 1), sourceType);
}

const SUPERCLASS = '$superclass';
const superclassOf = (fn: Node): string | null => (fn.superClass as { name?: string } | null | undefined)?.name ?? null;

function parseMethod(code: string, sourceType: 'module' | 'script'): Parsed | null {
	const tree = parse(code, sourceType);
	const property = (expressionOf(tree)?.properties as Node[] | undefined)?.[0];
	if (tree === null || property === undefined) return null;
	if (property.computed) {
		// The key was worked out long ago, from names that may be gone; any name will do.
		const key = property.key as Node;
		const open = code.lastIndexOf('[', key.start);
		const close = code.indexOf(']', key.end);
		return parseMethod(`${code.slice(0, open)}computed${code.slice(close + 1)}`, sourceType);
	}
	const form = property.kind === 'get' ? GETTER : property.kind === 'set' ? SETTER : METHOD;
	return { form, code, tree, fn: property.value as Node };
}

/** Analyses the text of a function or class. Throws Unpicklable for text that cannot stand alone. */
export function analyzeClosure(text: string, isModule: boolean): ClosureSyntax {
	const sourceType = isModule ? 'module' : 'script';
	const parsed = parseFunction(text, sourceType) ?? (isModule ? null : parseFunction(text, 'module'));
	if (parsed === null) throw new Unpicklable('its source cannot be parsed by itself; export it from a module instead');
	const { form, code, tree, fn } = parsed;
	const foreign = foreignPrivateNames(tree);
	if (foreign.length > 0) {
		throw new Unpicklable(
			`it uses the private name ${foreign[0]} of the class around it; move it into a method, or export it`,
		);
	}
	const isArrow = fn.type === 'ArrowFunctionExpression';
	const surroundings = isArrow
		? surroundingsOf(fn)
		: form === EXPRESSION
			? []
			: surroundingsOf(fn).filter((s) => s === 'super');
	const { eager, lazy } = freeNames(tree, fn, sourceType);
	if (lazy.includes('arguments') || eager.includes('arguments')) surroundings.push('arguments');
	return { form, ...replaceImportMeta(code, tree), eager, lazy, superclass: superclassOf(fn), surroundings };
}
