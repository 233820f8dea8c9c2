/** Runs the drivers: each measurement is one program, started anew, that prints `{"value": number}`. */
import { execFile, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Rival, Shape } from './shapes/shape.ts';

const PATIENCE = 60_000;
const run = promisify(execFile);
const python = process.env.PYTHON ?? 'python3';

/** The version of the Python at hand, or `null` without one. */
export function pythonVersion(): string | null {
	const { status, stdout } = spawnSync(python, ['-c', 'import platform; print(platform.python_version())']);
	return status === 0 ? String(stdout).trim() : null;
}

/** One measurement of `shape` by `driver`. `window`: milliseconds it should last. */
export async function measure(driver: 'ours' | Rival, shape: Shape, window: number): Promise<number> {
	const { name, execArgv = [] } = shape;
	const [file, ...args] =
		driver === 'python'
			? [python, pythonProgram(name)]
			: [process.execPath, ...(driver === 'ours' ? execArgv : []), nodeProgram(driver, name)];
	const { stdout } = await run(file, [...args, String(window)], {
		timeout: PATIENCE,
		killSignal: 'SIGKILL',
		env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1' },
	});
	return (JSON.parse(stdout) as { value: number }).value;
}

function nodeProgram(driver: string, shape: string): string {
	return fileURLToPath(new URL(`drivers/${driver}/${shape}.js`, import.meta.url));
}

/** Python programs are not compiled: they are run from the sources. */
function pythonProgram(shape: string): string {
	return fileURLToPath(new URL(`bench/drivers/python/${shape}.py`, import.meta.resolve('polyproc/package.json')));
}
