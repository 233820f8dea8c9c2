/**
 * The only door to the foreign-function library. It is opened on the first call that needs the kernel, because loading
 * it costs about 10 ms, which a program (or a child) that shares nothing must not pay.
 */
import { createRequire } from 'node:module';
import { ProcessError } from '../base/errors.ts';
import { gates } from './gates.ts';

type Koffi = typeof import('koffi');
type LibraryFunction = (...args: never[]) => unknown;

let loaded: Koffi | undefined;
let library: ReturnType<Koffi['load']> | undefined;
const callbackTypes = new Map<string, ReturnType<Koffi['pointer']>>();

/** The foreign-function library itself, for the main thread; a thread that uses it passes its gates. */
export function ffi(): Koffi {
	loaded ??= gates.pass(load);
	return loaded;
}

/** What Node says when its permission model does not let native code in. */
const REFUSALS: readonly unknown[] = ['ERR_DLOPEN_DISABLED', 'ERR_ACCESS_DENIED'];

function load(): Koffi {
	try {
		return createRequire(import.meta.url)('koffi') as Koffi;
	} catch (cause) {
		if (process.permission === undefined || !REFUSALS.includes(codeOf(cause))) throw cause;
		throw new ProcessError(
			'this process was started with permissions and may not load native code, without which there is no shared memory: it cannot make locks, queues, pipes or processes of its own, only use those it was passed as arguments.',
			{ cause, code: 'ERR_MP_CONFINED' },
		);
	}
}

function codeOf(error: unknown): unknown {
	for (let each = error; each instanceof Error; each = each.cause) if ('code' in each) return each.code;
	return undefined;
}

/**
 * A function of the C library (which the running program has loaded already), bound on its first call.
 *
 * @param prototype its C declaration, with addresses as `size_t` (plain numbers on this side).
 */
export function native<F extends LibraryFunction>(prototype: string): F {
	let bound: F | undefined;
	return ((...args: never[]) => {
		bound ??= bind<F>(prototype);
		return bound(...args);
	}) as F;
}

/** As `native`, bound at once. */
export function bind<F extends LibraryFunction>(prototype: string): F {
	return gates.pass(() => {
		library ??= ffi().load(null);
		return gates.before(library.func(prototype) as unknown as F);
	});
}

/** Has `use` run with the address of a C function that is `callback`; valid until `use` returns. */
export function withCallback<R>(
	prototype: string,
	callback: (...args: never[]) => unknown,
	use: (address: bigint) => R,
): R {
	const { register, unregister, pointer, proto } = ffi();
	const type = callbackTypes.get(prototype) ?? pointer(proto(prototype));
	callbackTypes.set(prototype, type);
	const address = register(callback, type);
	try {
		return use(address);
	} finally {
		unregister(address);
	}
}

/** The C library's `errno` after the last call that failed. */
export function errno(): number {
	return gates.pass(() => ffi().errno());
}

/** The memory at an address, which stays where it is. */
export function memoryAt(address: number, bytes: number): ArrayBuffer {
	return gates.pass(() => ffi().view(address, bytes));
}
