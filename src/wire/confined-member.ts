/**
 * What a message from a sender with an allow list may refer to. The module must be on the list, and the way from there
 * must not leave it: from any function `constructor` leads to `Function`, which compiles text, and an object that a module
 * exports may be another module. So a path goes over own properties only, runs no getter behind the module's own
 * bindings, and passes through no module that is not on the list.
 */
import { types } from 'node:util';
import { UnpicklingError } from '../base/errors.ts';
import { functionReferences } from './function-ref.ts';
import { moduleByIdentity } from './module-imports.ts';
import { GLOBALS, moduleLabel, OWN_ERRORS } from './module-registry.ts';
import type { Trust } from './trust.ts';
import type { ValueReader } from './value-reader.ts';

/** What lies at `path` in a module, if the sender may refer to it. */
export function confinedMember(from: ValueReader, module: string, path: readonly string[]): unknown {
	if (module === OWN_ERRORS) return ownError(from, path);
	if (!from.trust.allows(module)) throw refusal(module, path);
	const [first, ...rest] = path;
	if (first === undefined) return from.member(module, path);
	let value = functionReferences.fromWitness(module, [first]) ?? binding(from, module, first);
	for (const key of rest) {
		if (isOtherModule(value, from.trust)) throw handedOn(module, path);
		value = ownValue(value, key);
		if (value === undefined) throw missing(module, path);
	}
	if (isOtherModule(value, from.trust)) throw handedOn(module, path);
	return value;
}

/** The classes of our errors are everybody's. */
function ownError(from: ValueReader, path: readonly string[]): unknown {
	const value = path.length === 1 ? binding(from, OWN_ERRORS, path[0]!) : undefined;
	if (typeof value === 'function' && value.prototype instanceof Error) return value;
	throw refusal(OWN_ERRORS, path);
}

/** An export. What a namespace or `module.exports` inherits is none. */
function binding(from: ValueReader, module: string, name: string): unknown {
	const namespace = from.member(module, []);
	if (!Object.hasOwn(Object(namespace), name)) throw missing(module, [name]);
	return (namespace as Record<string, unknown>)[name];
}

function ownValue(holder: unknown, key: string): unknown {
	if (typeof holder === 'function' && (key === 'caller' || key === 'arguments')) return undefined;
	return Object.getOwnPropertyDescriptor(Object(holder), key)?.value;
}

/** Whether an allowed module has handed on a module that is not allowed. */
function isOtherModule(value: unknown, trust: Trust): boolean {
	if (types.isModuleNamespaceObject(value)) return true;
	const module = moduleByIdentity(value);
	return module !== null && !trust.allows(module);
}

export function refuseClosure(name: string): never {
	throw new UnpicklingError(
		`Cannot unpickle ${name === '' ? 'a function' : `the function ${name}`}: it comes as source code, which is refused from a sender that the receiver's \`allow\` holds for; export it from a module, and allow that`,
	);
}

export function refuseShared(kind: string): never {
	throw new UnpicklingError(
		`Cannot unpickle a shared ${kind}: nothing shared is taken from a sender that the receiver's \`allow\` holds for; send a copy of what is in it`,
	);
}

function describe(module: string, path: readonly string[]): string {
	const what = path.length === 0 ? 'the module' : `the export ${path.join('.')} of`;
	return `Cannot unpickle ${what} ${moduleLabel(module)}`;
}

function refusal(module: string, path: readonly string[]): UnpicklingError {
	const why =
		module === GLOBALS || module === OWN_ERRORS
			? "the receiver's `allow` cannot name these; export a function that uses it from a module, and allow that"
			: "the module is not among those of the receiver's `allow`; add it there, if whoever sends may call all that it exports";
	return new UnpicklingError(`${describe(module, path)}: ${why}`);
}

function handedOn(module: string, path: readonly string[]): UnpicklingError {
	return new UnpicklingError(
		`${describe(module, path)}: it is, or lies in, another module, which is not among those of the receiver's \`allow\`; add that one`,
	);
}

function missing(module: string, path: readonly string[]): UnpicklingError {
	return new UnpicklingError(`${describe(module, path)}: there is no such export of its own`);
}
