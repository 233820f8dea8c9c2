/** A bare Node, from `spawn` to its exit. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';

export async function runToEnd(args: readonly string[]): Promise<void> {
	const child = spawn(process.execPath, args, { stdio: 'inherit' });
	const [code] = await once(child, 'exit');
	if (code !== 0) throw new Error(`node ${args.join(' ')} ended with exit code ${code}`);
}
