/** What is behind a proxy of this very server. */
import { handleOf } from '../handles.ts';
import { LocalHandle } from './local-handle.ts';

/** The object itself; undefined for anything but a proxy of an object of this thread's. */
export function referentOf(proxy: unknown): unknown {
	const handle = handleOf(proxy);
	return handle instanceof LocalHandle ? handle.referent : undefined;
}
