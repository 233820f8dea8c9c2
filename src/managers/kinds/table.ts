/** Our own kinds of objects, by the names under which managers make them. */
import type { OwnKind } from '../server/kind.ts';
import { BARRIER } from './barrier.ts';
import { CONDITION } from './condition.ts';
import { DICT, LIST, NAMESPACE, SET } from './containers.ts';
import { EVENT } from './event.ts';
import { ITERATOR } from './iterator.ts';
import { LOCK, RLOCK } from './locks.ts';
import { POOL } from './pool.ts';
import { JOINABLE_QUEUE, QUEUE } from './queue.ts';
import { BOUNDED_SEMAPHORE, SEMAPHORE } from './semaphore.ts';
import { ARRAY, VALUE } from './values.ts';

const KINDS: ReadonlyMap<string, OwnKind> = new Map<string, OwnKind>(
	Object.entries({
		dict: DICT,
		list: LIST,
		set: SET,
		Namespace: NAMESPACE,
		Value: VALUE,
		Array: ARRAY,
		Queue: QUEUE,
		JoinableQueue: JOINABLE_QUEUE,
		Event: EVENT,
		Lock: LOCK,
		RLock: RLOCK,
		Semaphore: SEMAPHORE,
		BoundedSemaphore: BOUNDED_SEMAPHORE,
		Condition: CONDITION,
		Barrier: BARRIER,
		Pool: POOL,
		Iterator: ITERATOR,
	}),
);

export function kindNamed(typeid: string): OwnKind | undefined {
	return KINDS.get(typeid);
}
