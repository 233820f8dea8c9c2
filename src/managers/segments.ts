/** Segments of shared memory that end with their manager. */
import { SharedMemory } from '../memory/shared-memory.ts';

/** Removes a segment; somebody may have done so already. */
export function unlinkSegment(name: string): void {
	try {
		const segment = new SharedMemory({ name, track: false });
		segment.unlink();
		segment.close();
	} catch (error) {
		if ((error as { code?: string }).code !== 'ERR_MP_NOT_FOUND') throw error;
	}
}
