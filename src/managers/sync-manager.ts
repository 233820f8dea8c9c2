/** The manager of everyday objects: dicts, lists, queues, locks, each of them in its server for everybody. */
import { BaseManager, publishName } from './base-manager.ts';
import type { Everyday } from './remote.ts';

/**
 * A manager that makes dicts, lists, sets, namespaces, values, arrays, queues, locks, conditions, barriers and pools.
 *
 * @example
 * ```js
 * await using manager = await mp.Manager();
 * const counts = await manager.dict();
 * await counts.set('night', 1);
 * ```
 */
export class SyncManager extends BaseManager implements Everyday {
	declare readonly dict: Everyday['dict'];
	declare readonly list: Everyday['list'];
	declare readonly set: Everyday['set'];
	declare readonly Namespace: Everyday['Namespace'];
	declare readonly Value: Everyday['Value'];
	declare readonly Array: Everyday['Array'];
	declare readonly Queue: Everyday['Queue'];
	declare readonly JoinableQueue: Everyday['JoinableQueue'];
	declare readonly Event: Everyday['Event'];
	declare readonly Lock: Everyday['Lock'];
	declare readonly RLock: Everyday['RLock'];
	declare readonly Semaphore: Everyday['Semaphore'];
	declare readonly BoundedSemaphore: Everyday['BoundedSemaphore'];
	declare readonly Condition: Everyday['Condition'];
	declare readonly Barrier: Everyday['Barrier'];
	declare readonly Pool: Everyday['Pool'];
}

for (const typeid of [
	'dict',
	'list',
	'set',
	'Namespace',
	'Value',
	'Array',
	'Queue',
	'JoinableQueue',
	'Event',
	'Lock',
	'RLock',
	'Semaphore',
	'BoundedSemaphore',
	'Condition',
	'Barrier',
	'Pool',
]) {
	publishName(SyncManager, typeid);
}
