/** Random numbers of a forked child, which must be none of its parent's or its siblings'. */
import { renewRandomness } from '../../base/randomness.ts';
import { getrandom } from './kernel.ts';

/** Numbers that Node has fetched in advance. */
let stores: readonly Uint8Array[] = [];

/** In the parent: what its children are to draw anew. */
export function inheritStores(found: readonly Uint8Array[]): void {
	stores = found;
}

/** In the child. */
export function drawOwnNumbers(): void {
	for (const store of stores) getrandom(store, store.byteLength, 0);
	renewRandomness();
}
