/** Random numbers of a forked child, which must be none of its parent's or its siblings'. */
import { renewRandomness } from '../../base/randomness.ts';
import { ffi } from '../ffi.ts';
import { getrandom } from './kernel.ts';

/** Of UUIDs, and of integers. */
const STORES = 2;

/** Numbers that Node has fetched in advance: where they are. Node keeps them for good. */
let stores: readonly { readonly address: number; readonly length: number }[] = [];

/** In the parent: what its children are to draw anew. */
export function inheritStores(found: readonly Uint8Array[]): void {
	stores = found.map((store) => ({ address: Number(ffi().address(store)), length: store.byteLength }));
}

/** Whether all are known. Node makes some when they are first needed. */
export function knowsAllStores(): boolean {
	return stores.length === STORES;
}

/** In the child. */
export function drawOwnNumbers(): void {
	for (const { address, length } of stores) getrandom(address, length, 0);
	renewRandomness();
}
