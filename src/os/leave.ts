/** Leaving at once, past Node's own winding down: every `'exit'` handler has run, the rest is work for nobody. */
interface Leaving {
	/** What `process.exit()` calls last. Not in Node's documentation, and there since its beginnings. */
	reallyExit(code: number): never;
}

export function leave(code: number): never {
	return (process as unknown as Leaving).reallyExit(code);
}
