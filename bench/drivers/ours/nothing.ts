/** The target of `spawn-start-join`. */
export function nothing(): void {}
