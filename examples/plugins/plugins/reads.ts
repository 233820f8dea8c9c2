/** Looks for the host's key: in the environment, then in its files. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Host } from '../run-plugin.ts';

export default async function reads({ folder, say }: Host): Promise<void> {
	const key = process.env.HOST_KEY ?? (await readFile(join(folder, '../secret.txt'), 'utf8'));
	await say(`the key is ${key}`);
}
