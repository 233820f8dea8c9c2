/** A script's text as V8 compiled it, its tree, and how V8's positions map to both. Cached per script. */
import { inspector, type Location, type Script } from './function-inspector.ts';
import { children, type Node, parse } from './syntax.ts';

export interface ScriptSource {
	readonly text: string;
	readonly tree: Node | null;
	readonly isModule: boolean;
	offsetOf(location: Location): number;
}

function lineStarts(text: string): number[] {
	const starts = [0];
	for (const match of text.matchAll(/\r\n?|[\n\u2028\u2029]/g)) starts.push(match.index + match[0].length);
	return starts;
}

class ScriptSources {
	readonly #known = new Map<string, ScriptSource>();

	get(script: Script, isModule: boolean): ScriptSource {
		let source = this.#known.get(script.id);
		if (source === undefined) {
			const text = inspector.source(script);
			const starts = lineStarts(text);
			const tree = parse(text, isModule ? 'module' : 'script');
			source = { text, tree, isModule, offsetOf: ({ line, column }) => (starts[line] ?? 0) + column };
			this.#known.set(script.id, source);
		}
		return source;
	}
}

export const scriptSources: ScriptSources = new ScriptSources();

/** The nodes from the program down to the one at `offset` whose text is exactly `code`; empty if there is none. */
export function pathToNode(source: ScriptSource, offset: number, code: string): Node[] {
	const path: Node[] = [];
	let best: Node[] = [];
	const descend = (node: Node): void => {
		if (node.start > offset || node.end < offset) return;
		path.push(node);
		if (
			isFunctionText(node) &&
			source.text.slice(node.start, node.end).endsWith(code) &&
			node.end - node.start <= code.length + 8
		) {
			best = [...path];
		}
		for (const child of children(node)) descend(child);
		path.pop();
	};
	if (source.tree !== null) descend(source.tree);
	return best;
}

/** Nodes whose text is what `toString` gives (a method's begins at its name, after `static`). */
function isFunctionText(node: Node): boolean {
	return /Function|^Class(Declaration|Expression)$|^Property$|^MethodDefinition$/.test(node.type);
}
