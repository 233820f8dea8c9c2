/** Leaves its mark where everybody can see it. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Host } from '../run-plugin.ts';

export default async function writes({ folder, say }: Host): Promise<void> {
	await writeFile(join(folder, '../mark.txt'), 'I was here.');
	await say('I have left my mark');
}
