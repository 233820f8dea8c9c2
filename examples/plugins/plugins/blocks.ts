/** Blocks its event loop: nothing in its process goes on, not even what could be asked to stop. */
import type { Host } from '../run-plugin.ts';

export default async function blocks({ say }: Host): Promise<void> {
	await say('just a moment');
	Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
}
