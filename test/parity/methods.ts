/** The start methods that every behaviour is checked under: a new one is done when these tests pass untouched. */
export const methods: readonly ['spawn'] = ['spawn'];

/** One of them. */
export type Method = (typeof methods)[number];
