/** Which handle a proxy has. */
import type { Handle } from './token.ts';

const handles = new WeakMap<object, Handle>();

export function setHandle(proxy: object, handle: Handle): void {
	handles.set(proxy, handle);
}

export function handleOf(proxy: unknown): Handle | undefined {
	return typeof proxy === 'object' && proxy !== null ? handles.get(proxy) : undefined;
}
