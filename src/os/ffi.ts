/**
 * The only door to the foreign-function library. It is opened on the first call that needs the kernel, because loading
 * it costs about 10 ms, which a program (or a child) that shares nothing must not pay.
 */
import { createRequire } from 'node:module';

type Koffi = typeof import('koffi');
type LibraryFunction = (...args: never[]) => unknown;

let loaded: Koffi | undefined;
let library: ReturnType<Koffi['load']> | undefined;
const callbackTypes = new Map<string, ReturnType<Koffi['pointer']>>();

/** The foreign-function library itself. */
export function ffi(): Koffi {
	loaded ??= createRequire(import.meta.url)('koffi') as Koffi;
	return loaded;
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
	library ??= ffi().load(null);
	return library.func(prototype) as unknown as F;
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
	return ffi().errno();
}
