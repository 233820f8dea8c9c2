/**
 * The parser and the scope analysis, loaded when the first closure (or unfinished module) needs them and never before:
 * together they cost 15 ms. Also how to walk a tree, since that is all that is needed of one.
 */
import { requireHere } from './lazy-require.ts';

export interface Node {
	readonly type: string;
	readonly start: number;
	readonly end: number;
	readonly [field: string]: unknown;
}

/** What is asked of eslint-scope, which has no types of its own. */
export interface Scope {
	readonly type: string;
	readonly block: Node;
	readonly upper: Scope | null;
	readonly through: readonly { readonly identifier: { readonly name: string }; readonly from: Scope }[];
}

interface Acorn {
	parse(source: string, options: object): unknown;
}
interface EslintScope {
	analyze(tree: unknown, options: object): { globalScope: Scope };
}

/** The tree of a program, or null if the parser does not know its syntax. */
export function parse(source: string, sourceType: 'module' | 'script'): Node | null {
	const options = {
		sourceType,
		ecmaVersion: 'latest',
		ranges: true, // eslint-scope looks at them.
		allowReturnOutsideFunction: true,
		allowAwaitOutsideFunction: true,
		allowSuperOutsideMethod: true,
		allowImportExportEverywhere: true,
		allowHashBang: true,
		checkPrivateFields: false,
	};
	try {
		return (requireHere('acorn') as Acorn).parse(source, options) as Node;
	} catch (error) {
		if (error instanceof SyntaxError) return null;
		throw error;
	}
}

/** The outermost scope of a tree: its `through` are the names that are not declared in it. */
export function analyzeScopes(tree: Node, sourceType: 'module' | 'script'): Scope {
	const options = { ecmaVersion: 2024, sourceType, fallback: childKeys };
	return (requireHere('eslint-scope') as EslintScope).analyze(tree, options).globalScope;
}

function childKeys(node: Node): string[] {
	return Object.keys(node).filter((key) => key !== 'type' && typeof node[key] === 'object' && node[key] !== null);
}

export function isNode(value: unknown): value is Node {
	return typeof value === 'object' && value !== null && typeof (value as { type?: unknown }).type === 'string';
}

export function children(node: Node): Node[] {
	return childKeys(node).flatMap((key) => {
		const child = node[key];
		return Array.isArray(child) ? child.filter(isNode) : isNode(child) ? [child] : [];
	});
}

/** Visits a node and what is in it; `enter` says false to stay out of what is below. */
export function walk(node: Node, enter: (node: Node) => boolean | undefined): void {
	if (enter(node) === false) return;
	for (const child of children(node)) walk(child, enter);
}
