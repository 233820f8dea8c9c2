/** The classes of proxies: one for each set of methods that a type may have, made when its first proxy arrives. */
import { ClosedError } from '../base/errors.ts';
import { BaseProxy } from './proxy.ts';
import { SHAPES } from './shapes.ts';
import type { Handle, ProxyType } from './token.ts';

type ProxyClass = new (handle: Handle) => BaseProxy;

const classes = new Map<string, ProxyClass>();
const BLOCKING = 'Sync';

/** The class of the proxies of a type. */
export function proxyClass(type: ProxyType): ProxyClass {
	if (type.proxytype !== null) return type.proxytype as ProxyClass;
	const key = JSON.stringify([type.typeid, type.shape, type.iteration, type.methods]);
	const known = classes.get(key);
	if (known !== undefined) return known;
	const made = makeClass(type);
	classes.set(key, made);
	return made;
}

function makeClass({ typeid, shape, methods, iteration }: ProxyType): ProxyClass {
	const base = (shape === null ? undefined : SHAPES.get(shape)) ?? BaseProxy;
	const name = `${typeid[0]?.toUpperCase()}${typeid.slice(1)}Proxy`;
	const made = { [name]: class extends base {} }[name]!;
	for (const method of methods) {
		define(made, method, function call(this: BaseProxy, ...args: unknown[]) {
			return this.callMethod(method, args);
		});
		define(made, `${method}${BLOCKING}`, function call(this: BaseProxy, ...args: unknown[]) {
			return this.callMethodSync(method, args);
		});
	}
	if (iteration !== null) define(made, Symbol.asyncIterator, iterate(iteration));
	return made;
}

/** Gives a class a method, unless every proxy has one of that name. */
function define(made: ProxyClass, name: string | symbol, value: unknown): void {
	if (name in BaseProxy.prototype) return;
	Object.defineProperty(made.prototype, name, { value, writable: true, configurable: true });
}

type Each = (this: BaseProxy) => AsyncGenerator<unknown, void, undefined>;

function iterate({ how, method }: NonNullable<ProxyType['iteration']>): Each {
	if (how === 'all') {
		return async function* all() {
			yield* (await this.callMethod(method)) as unknown[];
		};
	}
	if (how === 'drain') {
		return async function* drain() {
			try {
				for (;;) yield await this.callMethod(method);
			} catch (error) {
				if (!(error instanceof ClosedError)) throw error;
			}
		};
	}
	return async function* steps() {
		for (let index = 0; ; index++) {
			const step = (await this.callMethod(method, [index])) as unknown[];
			if (step.length === 0) return;
			yield step[0];
		}
	};
}
