/** The manager of segments of shared memory: what is made through it is removed when it ends. */
import type { ListItem } from '../memory/list-items.ts';
import { ShareableList } from '../memory/shareable-list.ts';
import { SharedMemory } from '../memory/shared-memory.ts';
import { administrationOf, BaseManager } from './base-manager.ts';

/**
 * Makes segments of shared memory and lists in them, which are removed when the manager is shut down or ends.
 *
 * @example
 * ```js
 * await using manager = new mp.SharedMemoryManager();
 * await manager.start();
 * const segment = manager.SharedMemory(1024);
 * ```
 */
export class SharedMemoryManager extends BaseManager {
	/** A new segment of `size` bytes. @throws ProcessError if the manager was not started */
	SharedMemory(size: number): SharedMemory {
		administrationOf(this, 'SharedMemory').place('SharedMemory');
		const segment = new SharedMemory({ create: true, size });
		administrationOf(this, 'SharedMemory').track(segment.name);
		return segment;
	}

	/** A new list with these items. @throws ProcessError if the manager was not started */
	ShareableList(sequence: Iterable<ListItem>): ShareableList {
		administrationOf(this, 'ShareableList').place('ShareableList');
		const list = new ShareableList(sequence);
		administrationOf(this, 'ShareableList').track(list.shm.name);
		return list;
	}
}
