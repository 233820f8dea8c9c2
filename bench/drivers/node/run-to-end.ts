/** A bare Node running one program, from `spawn` to its exit. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

export async function runToEnd(program: URL): Promise<void> {
	const child = spawn(process.execPath, [fileURLToPath(program)], { stdio: 'inherit' });
	const [code] = await once(child, 'exit');
	if (code !== 0) throw new Error(`${program} ended with exit code ${code}`);
}
