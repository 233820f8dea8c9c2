/** Keeps notes where it may, and says so. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Host } from '../run-plugin.ts';

export default async function behaves({ folder, say }: Host): Promise<void> {
	const notes = join(folder, 'notes.txt');
	await writeFile(notes, 'Nice place.');
	await say(`my notes: ${await readFile(notes, 'utf8')}`);
	await say(`my environment: ${JSON.stringify(process.env)}`);
}
