/** The sources as the house rules see them: paths, lines, and a walk over their syntax. */
import { readdirSync, readFileSync } from 'node:fs';
import ts from 'typescript';
import { repositoryPath } from './root.ts';

/** One file under src/. */
export interface SourceFile {
	/** From the root of the repository, with forward slashes. */
	path: string;
	text: string;
	lines: number;
	syntax: ts.SourceFile;
}

/** Every TypeScript file under `folder` (from the root of the repository). */
export function sourceFiles(folder: string): SourceFile[] {
	return readdirSync(repositoryPath(folder), { recursive: true, encoding: 'utf8' })
		.filter((name) => name.endsWith('.ts'))
		.map((name) => readSource(`${folder}/${name.replaceAll('\\', '/')}`))
		.sort((a, b) => a.path.localeCompare(b.path));
}

function readSource(path: string): SourceFile {
	const text = readFileSync(repositoryPath(path), 'utf8');
	return { path, text, lines: text.trimEnd().split('\n').length, syntax: parse(path, text) };
}

/** The syntax tree of one file, with parents. */
export function parse(path: string, text: string): ts.SourceFile {
	return ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
}

/** Every node of a file, parents before children. */
export function* nodes(node: ts.Node): Generator<ts.Node> {
	yield node;
	for (const child of node.getChildren()) yield* nodes(child);
}

/** The line a node starts on, counted from 1. */
export function lineOf(node: ts.Node): number {
	return node.getSourceFile().getLineAndCharacterOfPosition(node.getStart()).line + 1;
}

/** How many lines a node covers. */
export function lineCount(node: ts.Node): number {
	const file = node.getSourceFile();
	const last = file.getLineAndCharacterOfPosition(node.getEnd()).line;
	return last - file.getLineAndCharacterOfPosition(node.getStart()).line + 1;
}
