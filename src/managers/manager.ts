/** A started manager, in one call. */
import type { ManagerOptions } from './administration.ts';
import { SyncManager } from './sync-manager.ts';

/**
 * Starts a `SyncManager`.
 *
 * @example
 * ```js
 * await using manager = await mp.Manager();
 * const queue = await manager.Queue();
 * ```
 */
export async function Manager(options: ManagerOptions = {}): Promise<SyncManager> {
	const manager = new SyncManager(options);
	await manager.start();
	return manager;
}
