/**
 * What a module exports, read from its source: for modules that cannot be asked because they are still being evaluated
 * (a main module that starts processes at its top level), or that `require` refuses (top-level await). Names come from
 * the tree; that a name is the function in question is checked against its value in the module's scope.
 */
import { inspector, type Location } from './function-inspector.ts';
import { findMember, type Path } from './member-search.ts';
import { scriptSources } from './script-source.ts';
import type { Node } from './syntax.ts';

interface Export {
	readonly path: Path;
	/** The variable that holds it, or where its own code lies. */
	readonly local?: string;
	readonly node?: Node;
}

const nameOf = (node: unknown): string => {
	const { name, value } = node as { name?: string; value?: unknown };
	return name ?? String(value);
};

function declaredNames(declaration: Node): string[] {
	if (declaration.type !== 'VariableDeclaration') return [nameOf(declaration.id)];
	return (declaration.declarations as Node[]).flatMap(({ id }) => patternNames(id as Node));
}

function patternNames(pattern: Node): string[] {
	switch (pattern.type) {
		case 'Identifier':
			return [nameOf(pattern)];
		case 'ObjectPattern':
			return (pattern.properties as Node[]).flatMap((p) => patternNames((p.value ?? p.argument) as Node));
		case 'ArrayPattern':
			return (pattern.elements as (Node | null)[]).flatMap((element) =>
				element === null ? [] : patternNames(element),
			);
		case 'AssignmentPattern':
			return patternNames(pattern.left as Node);
		case 'RestElement':
			return patternNames(pattern.argument as Node);
		default:
			return [];
	}
}

function moduleExports(statement: Node): Export[] {
	if (statement.type === 'ExportDefaultDeclaration') {
		const declaration = statement.declaration as Node;
		const local = declaration.type === 'Identifier' ? declaration : (declaration.id as Node | null | undefined);
		return [local ? { path: ['default'], local: nameOf(local) } : { path: ['default'], node: declaration }];
	}
	if (statement.type !== 'ExportNamedDeclaration' || statement.source) return [];
	if (statement.declaration) {
		return declaredNames(statement.declaration as Node).map((name) => ({ path: [name], local: name }));
	}
	return (statement.specifiers as Node[]).map(({ exported, local }) => ({
		path: [nameOf(exported)],
		local: nameOf(local),
	}));
}

const isExports = (node: Node): boolean => node.type === 'MemberExpression' && !node.computed && isModuleDot(node);
const isModuleDot = (node: Node): boolean =>
	nameOf(node.object) === 'module' && (node.property as { name?: string }).name === 'exports';

/** `module.exports = f`, `module.exports = { f }`, `exports.f = f`, `module.exports.f = f` */
function commonJsExports(statement: Node): Export[] {
	const assignment = statement.expression as Node | undefined;
	if (statement.type !== 'ExpressionStatement' || assignment?.type !== 'AssignmentExpression') return [];
	const left = assignment.left as Node;
	const right = assignment.right as Node;
	if (left.type !== 'MemberExpression' || left.computed) return [];
	if (isExports(left)) return right.type === 'ObjectExpression' ? literalExports(right) : valueExport([], right);
	const object = left.object as Node;
	if (nameOf(object) !== 'exports' && !isExports(object)) return [];
	return valueExport([nameOf(left.property)], right);
}

function valueExport(path: Path, value: Node): Export[] {
	return [value.type === 'Identifier' ? { path, local: nameOf(value) } : { path, node: value }];
}

function literalExports(literal: Node): Export[] {
	const properties = (literal.properties as Node[]).filter(
		(property) => property.type === 'Property' && !property.computed,
	);
	return properties.flatMap((property) => valueExport([nameOf(property.key)], property.value as Node));
}

/** The value that a module exports at `path`, read through any function that was compiled in it; undefined if not found. */
export function readThrough(witness: object, location: Location, path: Path): unknown {
	const statements = (scriptSources.get(location.script, true).tree?.body as Node[] | undefined) ?? [];
	const entry = statements.flatMap(moduleExports).find((candidate) => candidate.path[0] === path[0]);
	if (entry?.local === undefined) return undefined;
	const variable = inspector.variables(witness, [entry.local]).get(entry.local);
	let value = variable === undefined || 'dead' in variable ? undefined : variable.value;
	for (const key of path.slice(1))
		value = value === undefined || value === null ? undefined : Reflect.get(Object(value), key);
	return value;
}

/** The path by which the module where `fn` was compiled exports it, or will; null if it does not. */
export function findInSource(fn: object, location: Location, isModule: boolean): Path | null {
	const source = scriptSources.get(location.script, isModule);
	const statements = (source.tree?.body as Node[] | undefined) ?? [];
	const all = statements.flatMap(isModule ? moduleExports : commonJsExports);
	const variables = inspector.variables(
		fn,
		all.flatMap(({ local }) => (local === undefined ? [] : [local])),
	);
	const offset = source.offsetOf(location);
	const code = Function.prototype.toString.call(fn);
	for (const { path, local, node } of all) {
		if (node !== undefined) {
			if (offset >= node.start && offset < node.end && source.text.slice(node.start, node.end) === code) return path;
			continue;
		}
		const variable = variables.get(local!);
		if (variable === undefined || 'dead' in variable) continue;
		const below = findMember(variable.value, fn, false);
		if (below !== null) return [...path, ...below];
	}
	return null;
}
