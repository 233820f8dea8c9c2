/** A target that shares nothing, in a module that imports nothing. */
export function nothing(): void {}
