import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import ts from 'typescript';
import { repositoryPath } from './root.ts';
import { lineCount, nodes, type SourceFile, sourceFiles } from './source-files.ts';

const FILE_REFUSAL = 400;
const FILE_QUESTION = 250;

test('no source file is longer than 400 lines', (t) => {
	const files = ['src', 'test', 'bench', 'examples'].flatMap(sourceFiles);
	for (const { path, lines } of files.filter(({ lines }) => lines > FILE_QUESTION)) {
		t.diagnostic(`a question to its author: ${path} has ${lines} lines`);
	}
	assert.deepEqual(
		files.filter(({ lines }) => lines > FILE_REFUSAL).map(({ path, lines }) => `${path}: ${lines} lines`),
		[],
	);
});

test('the sizes of files, functions and of what is published are reported', (t) => {
	const files = sourceFiles('src');
	t.diagnostic(`lines of a file: ${spread(files.map(({ lines }) => lines))}`);
	t.diagnostic(`lines of a function: ${spread(files.flatMap(functionLengths))}`);
	t.diagnostic(`published JavaScript: ${publishedSize()}`);
	assert.ok(files.length > 0);
});

function functionLengths({ syntax }: SourceFile): number[] {
	return [...nodes(syntax)].filter((node) => ts.isFunctionLike(node) && 'body' in node && node.body).map(lineCount);
}

/** Median, 90th percentile and maximum. */
function spread(values: number[]): string {
	const sorted = values.toSorted((a, b) => a - b);
	const at = (part: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0;
	return `${sorted.length} of them, median ${at(0.5)}, 90th percentile ${at(0.9)}, longest ${at(1)}`;
}

function publishedSize(): string {
	const scripts = readdirSync(repositoryPath('dist'), { recursive: true, encoding: 'utf8' })
		.filter((name) => /\.c?js$/.test(name))
		.map((name) => readFileSync(repositoryPath(`dist/${name}`)));
	const whole = Buffer.concat(scripts);
	return `${scripts.length} files, ${kilobytes(whole)} kB, ${kilobytes(gzipSync(whole))} kB compressed`;
}

function kilobytes(bytes: Buffer): string {
	return (bytes.length / 1000).toFixed(1);
}
