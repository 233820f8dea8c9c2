/**
 * Node's own timers, also in a program that puts others in their place, as tests with a clock of their own do: making a
 * fork, and ending a forked child, is a matter of the real event loop. They are taken when the library is loaded.
 */
export const realTimers: Pick<
	typeof globalThis,
	'setTimeout' | 'clearTimeout' | 'setInterval' | 'setImmediate' | 'clearImmediate'
> = {
	setTimeout: globalThis.setTimeout,
	clearTimeout: globalThis.clearTimeout,
	setInterval: globalThis.setInterval,
	setImmediate: globalThis.setImmediate,
	clearImmediate: globalThis.clearImmediate,
};
