/**
 * What must be known of a class before an instance of it can be taken apart. Some state cannot be seen from outside
 * (private fields, what Node keeps in native handles); copying the rest would give the receiver a broken object, so such
 * instances are refused, by name, with what to do about it.
 */
import { isNative } from './encode-builtins.ts';
import { functionReferences } from './function-ref.ts';
import { children, type Node, parse } from './syntax.ts';

/** Instance elements of a class body whose names begin with `#`. */
export function privateFields(own: object): string[] {
	return privateNames(Function.prototype.toString.call(own));
}

function privateNames(source: string): string[] {
	const tree = source.includes('#') ? parse(`(${source}\n)`, 'script') : null;
	const statement = (tree?.body as Node[] | undefined)?.[0];
	const body = (statement?.expression as Node | undefined)?.body as Node | undefined;
	if (body?.type !== 'ClassBody') return [];
	const own = children(body).filter(
		(element) => !element.static && (element.key as Node | undefined)?.type === 'PrivateIdentifier',
	);
	return own.map((element) => `#${(element.key as unknown as { name: string }).name}`);
}

/** Node's own classes keep state under symbols or in handles; those that do not are plain enough to copy. */
const PLAIN_NODE_CLASSES: readonly string[] = [
	'EventEmitter',
	'StatsBase',
	'Stats',
	'BigIntStats',
	'AssertionError',
	'Url',
];

function whyNotClass(own: { name: string }): string | null {
	if (isNative(own)) return `it is a ${own.name}, which lives in this process only`;
	const module = functionReferences.find(own)?.module;
	const url = module ?? functionReferences.examine(own).location?.script.url ?? '';
	const isNodes = module === undefined ? url.startsWith('node:') : module[0] === 'b' || module[0] === 'g';
	if (isNodes && !PLAIN_NODE_CLASSES.includes(own.name)) {
		return `it is a ${own.name}, an object of Node's that lives in this process only; send what is needed to make another`;
	}
	const names = privateFields(own);
	if (names.length > 0) {
		const fields = `${names.join(', ')}) cannot be read from outside`;
		return `it is an instance of class ${own.name}, whose private fields (${fields}; give the class a [mp.reduce]() method that says how to rebuild it`;
	}
	return null;
}

/** The class of instances with this prototype, or undefined. */
export function classOfPrototype(prototype: object): { name: string; prototype: object } | undefined {
	const constructor: unknown = Object.getOwnPropertyDescriptor(prototype, 'constructor')?.value;
	return typeof constructor === 'function' && constructor.prototype === prototype ? constructor : undefined;
}

/** Why instances with this prototype cannot be copied field by field, or null. `base`: where native content begins. */
export function whyNotCopied(prototype: object): string | null {
	for (let proto = prototype; proto !== null && proto !== Object.prototype; proto = Object.getPrototypeOf(proto)) {
		const own = classOfPrototype(proto);
		if (own === undefined) continue;
		if (isNative(own) && isContent(own.name)) return null;
		const why = whyNotClass(own);
		if (why !== null) return why;
	}
	return null;
}

/** Native classes whose content the encoder knows how to copy. */
function isContent(name: string): boolean {
	return /^(Object|Array|Map|Set|Date|RegExp|ArrayBuffer|DataView|TypedArray|Number|String|Boolean|BigInt|Symbol|\w*Error|\w+Array)$/.test(
		name,
	);
}
