/**
 * What V8 knows of a function and JavaScript cannot ask: where it was compiled, which variables it captured, and what a
 * bound function is bound to. Read through an inspector session inside this process, which answers synchronously.
 *
 * The debugger is enabled only for a moment, to learn the addresses of scripts; 15 ms the first time, little after that.
 * Nothing is loaded before the first question.
 */

import type { Session } from 'node:inspector';
import { requireHere } from './lazy-require.ts';
import { Unpicklable } from './unpicklable.ts';

/** A script as V8 compiled it (after type stripping or a loader's transformations). */
export interface Script {
	readonly id: string;
	readonly url: string;
}

export interface Location {
	readonly script: Script;
	/** 0-based; points at the parameters, or at the start of an arrow function or class. */
	readonly line: number;
	readonly column: number;
}

export interface Binding {
	readonly target: () => unknown;
	readonly self: unknown;
	readonly args: unknown[];
}

/** What a variable holds; `dead`: it has no value yet (temporal dead zone), or V8 does not keep it. */
export type Variable = { readonly value: unknown } | { readonly dead: true };

export interface Examined {
	readonly location?: Location;
	readonly binding?: Binding;
	/** Compiled as part of an ES module. */
	readonly isModule: boolean;
}

interface Remote {
	objectId?: string;
	value?: unknown;
	description?: string;
}
interface Internal {
	name: string;
	value?: Remote;
}
type Answer = { result: never; internalProperties?: Internal[]; scriptSource?: string };

/** The only way to hand an object to the inspector, and to get one back, is through something global. */
const desk: unique symbol = Symbol.for('polyproc.inspector-desk') as never;
const onDesk = "globalThis[Symbol.for('polyproc.inspector-desk')]";
const GROUP = 'polyproc';

const takeValue = `function () { ${onDesk}.push(this) }`;
/** `this` is V8's wrapper of a scope; its variables are the properties of `object`. Those without a value throw. */
const takeVariables = `function (...names) {
	for (const name of names) {
		try { ${onDesk}.push(Object.hasOwn(this.object, name) ? { value: this.object[name] } : null) }
		catch { ${onDesk}.push({ dead: true }) }
	}
}`;

export class FunctionInspector {
	#session: Session | null = null;
	readonly #scripts = new Map<string, Script>();
	readonly #sources = new Map<string, string>();

	examine(fn: object): Examined {
		return this.#with(fn, (objectId) => {
			const internals = this.#internals(objectId);
			const find = (name: string) => internals.find((internal) => internal.name === name)?.value;
			const place = find('[[FunctionLocation]]')?.value as {
				scriptId: string;
				lineNumber: number;
				columnNumber: number;
			};
			const target = find('[[TargetFunction]]');
			return {
				isModule: this.#scopes(internals).some((scope) => scope.description === 'Module'),
				...(place && {
					location: { script: this.#script(place.scriptId), line: place.lineNumber, column: place.columnNumber },
				}),
				...(target && {
					binding: {
						target: this.#take(target) as () => unknown,
						self: this.#take(find('[[BoundThis]]')),
						args: this.#take(find('[[BoundArgs]]')) as unknown[],
					},
				}),
			};
		});
	}

	/** The variables of these names that the function can see, without the global ones; the innermost of each name. */
	variables(fn: object, names: readonly string[]): Map<string, Variable> {
		const found = new Map<string, Variable>();
		if (names.length === 0) return found;
		return this.#with(fn, (objectId) => {
			for (const scope of this.#scopes(this.#internals(objectId))) {
				const missing = names.filter((name) => !found.has(name));
				if (missing.length === 0 || scope.description === 'Global') continue;
				const values = this.#call(scope.objectId!, takeVariables, missing) as (Variable | null)[];
				for (const [i, variable] of values.entries()) if (variable !== null) found.set(missing[i]!, variable);
			}
			return found;
		});
	}

	/** The text that was compiled. */
	source(script: Script): string {
		let source = this.#sources.get(script.id);
		if (source === undefined) {
			this.#post('Debugger.enable');
			source = this.#post('Debugger.getScriptSource', { scriptId: script.id }).scriptSource ?? '';
			this.#post('Debugger.disable');
			this.#sources.set(script.id, source);
		}
		return source;
	}

	#post(method: string, params: object = {}): Answer {
		let failure: Error | null = null;
		let answer: unknown;
		this.#connect().post(method, params, (error: Error | null, result?: object) => {
			failure = error;
			answer = result;
		});
		if (failure !== null)
			throw Object.assign(new Error(`${method}: ${(failure as Error).message}`), { cause: failure });
		return answer as Answer;
	}

	/** Node lets no process with permissions use it. */
	get isAvailable(): boolean {
		return process.permission === undefined || process.permission.has('inspector');
	}

	#connect(): Session {
		if (this.#session !== null) return this.#session;
		const inspector = requireHere('node:inspector') as typeof import('node:inspector');
		const session = new inspector.Session();
		try {
			session.connect();
		} catch (cause) {
			const why = 'Node’s inspector, which tells where a function comes from, is not available in this process';
			throw new Unpicklable(`${why} (see cause); send functions that arrived from elsewhere, or plain data`, { cause });
		}
		session.on('Debugger.scriptParsed', ({ params }) => {
			this.#scripts.set(params.scriptId, { id: params.scriptId, url: params.url });
		});
		this.#session = session;
		return session;
	}

	/** Puts `object` where the inspector finds it, and lets go of everything afterwards. */
	#with<T>(object: object, look: (objectId: string) => T): T {
		const holder = globalThis as { [desk]?: unknown };
		const before = holder[desk];
		holder[desk] = object;
		try {
			const { result } = this.#post('Runtime.evaluate', { expression: onDesk, objectGroup: GROUP });
			return look((result as Remote).objectId!);
		} finally {
			if (before === undefined) delete holder[desk];
			else holder[desk] = before;
			this.#post('Runtime.releaseObjectGroup', { objectGroup: GROUP });
		}
	}

	#internals(objectId: string): Internal[] {
		return this.#post('Runtime.getProperties', { objectId, ownProperties: true }).internalProperties ?? [];
	}

	/** From the innermost outwards. */
	#scopes(internals: Internal[]): Remote[] {
		const list = internals.find((internal) => internal.name === '[[Scopes]]')?.value;
		if (list?.objectId === undefined) return [];
		const { result } = this.#post('Runtime.getProperties', { objectId: list.objectId, ownProperties: true });
		const entries = result as { name: string; value?: Remote }[];
		return entries.filter((entry) => /^\d+$/.test(entry.name) && entry.value?.objectId).map((entry) => entry.value!);
	}

	#take(remote: Remote | undefined): unknown {
		if (remote?.objectId === undefined) return remote?.value;
		return this.#call(remote.objectId, takeValue, [])[0];
	}

	#call(objectId: string, functionDeclaration: string, args: readonly string[]): unknown[] {
		const holder = globalThis as { [desk]?: unknown };
		const before = holder[desk];
		const taken: unknown[] = [];
		holder[desk] = taken;
		this.#post('Runtime.callFunctionOn', {
			objectId,
			functionDeclaration,
			arguments: args.map((value) => ({ value })),
			objectGroup: GROUP,
		});
		holder[desk] = before;
		return taken;
	}

	#script(id: string): Script {
		if (!this.#scripts.has(id)) {
			this.#post('Debugger.enable');
			this.#post('Debugger.disable');
		}
		return this.#scripts.get(id) ?? { id, url: '' };
	}
}

export const inspector: FunctionInspector = new FunctionInspector();
