/** Runs the drivers: each measurement is one program, started anew, that prints `{"value": number}`. */
import { execFile, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { POOL_RIVALS, type Rival, type Shape } from './shapes/shape.ts';

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
	const [file = '', ...args] = command(driver, shape, String(window));
	const { stdout } = await run(file, args, {
		timeout: PATIENCE,
		killSignal: 'SIGKILL',
		env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1' },
	});
	return (JSON.parse(stdout) as { value: number }).value;
}

function command(
	driver: 'ours' | Rival,
	{ name, program = name, pool, execArgv = [] }: Shape,
	window: string,
): string[] {
	if (driver === 'python') return [python, pythonProgram(program), window];
	if (isPoolRival(driver)) return [process.execPath, nodeProgram('pools', program), window, driver];
	if (driver === 'ours' && pool !== undefined) return [process.execPath, nodeProgram('pools', program), window, pool];
	return [process.execPath, ...(driver === 'ours' ? execArgv : []), nodeProgram(driver, program), window];
}

function isPoolRival(driver: string): boolean {
	return (POOL_RIVALS as readonly string[]).includes(driver);
}

function nodeProgram(driver: string, shape: string): string {
	return fileURLToPath(new URL(`drivers/${driver}/${shape}.js`, import.meta.url));
}

/** Python programs are not compiled: they are run from the sources. */
function pythonProgram(shape: string): string {
	return fileURLToPath(new URL(`bench/drivers/python/${shape}.py`, import.meta.resolve('polyproc/package.json')));
}
