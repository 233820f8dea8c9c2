/** The graph of waits as users see it. */
import { joinedFamily } from '../memory/family.ts';
import { Graph, type WaitGraph } from './graph.ts';
import { threadWaits } from './thread-waits.ts';

/**
 * Who waits for what in this program and its descendants, and who holds which lock, at this moment. Locks are named by
 * their class and a number that is theirs alone.
 *
 * @example
 * ```js
 * for (const { process, waitsFor, heldBy } of mp.waitGraph().waits) console.log(process, '→', waitsFor, '→', heldBy);
 * ```
 */
export function waitGraph(): WaitGraph {
	return joinedFamily() === undefined ? { waits: [], held: [] } : new Graph(threadWaits()).whole();
}
