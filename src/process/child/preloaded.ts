/** The modules that a fork server has imported, by URL: its children have them, and need not import them again. */
export const preloaded = new Map<string, object>();
