/** One door per dangerous thing: what may be used in which file only, and a search for every other use of it. */
import ts from 'typescript';
import { lineOf, nodes, type SourceFile } from './source-files.ts';

interface Door {
	/** The dangerous thing, as it is written in a program. */
	thing: string;
	/** The only files that may touch it. */
	allowed: RegExp;
	isUse(node: ts.Node): boolean;
}

const CLOCK = /^src\/base\/deadline\.ts$/;

const DOORS: readonly Door[] = [
	moduleDoor('koffi', /^src\/os\/(\w+\/)?ffi\.ts$/),
	moduleDoor('node:child_process', /^src\/(os\/(\w+\/)?child|cli\/run)\.ts$/),
	moduleDoor('node:worker_threads', /^src\/(os|process)\//),
	globalDoor('Atomics', /^src\/(memory\/words|os\/gate|os\/inheritance)\.ts$/),
	memberDoor('Date', 'now', CLOCK),
	memberDoor('performance', 'now', CLOCK),
	memberDoor('process', 'hrtime', CLOCK),
];

/** By `import`, `require` or `import()`: each needs the name as a literal. */
function moduleDoor(name: string, allowed: RegExp): Door {
	return { thing: name, allowed, isUse: (node) => ts.isStringLiteralLike(node) && node.text === name && loads(node) };
}

/** A type is no use: `import type` is gone when the program runs. */
function loads(literal: ts.StringLiteralLike): boolean {
	const { parent } = literal;
	if (ts.isImportDeclaration(parent)) return !parent.importClause?.isTypeOnly;
	return ts.isCallExpression(parent) || ts.isExportDeclaration(parent);
}

function globalDoor(name: string, allowed: RegExp): Door {
	return { thing: name, allowed, isUse: (node) => ts.isIdentifier(node) && node.text === name };
}

function memberDoor(object: string, member: string, allowed: RegExp): Door {
	return {
		thing: `${object}.${member}`,
		allowed,
		isUse: (node) =>
			ts.isPropertyAccessExpression(node) && node.expression.getText() === object && node.name.text === member,
	};
}

/** Every use of a dangerous thing outside its door, as `file:line uses thing`. */
export function usesOutsideDoors(files: readonly SourceFile[]): string[] {
	return files.flatMap((file) => {
		const closed = DOORS.filter(({ allowed }) => !allowed.test(file.path));
		return [...nodes(file.syntax)].flatMap((node) =>
			closed.filter((door) => door.isUse(node)).map(({ thing }) => `${file.path}:${lineOf(node)} uses ${thing}`),
		);
	});
}
