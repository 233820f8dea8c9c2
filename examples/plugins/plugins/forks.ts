/** Starts processes that are to go on when it has ended. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Host } from '../run-plugin.ts';

export default async function forks({ say }: Host): Promise<void> {
	const children = [1, 2, 3].map(() =>
		spawn(process.execPath, ['--eval', 'setInterval(() => {}, 1000)'], { detached: true, stdio: 'ignore' }),
	);
	const [first, ...late] = children;
	first?.unref();
	const ends = late.map((child) => once(child, 'exit'));
	await say(`${children.map((child) => child.pid).join(' ')} are my children`);
	await Promise.all(ends);
	await say(`${late.length} of them were killed`);
}
