/** Runs a whole program to its end, as a user would, and tells everything it said. */
import { execFile } from 'node:child_process';

/** How a program ended. */
export interface Ended {
	code: number;
	signal: NodeJS.Signals | null;
	stdout: string;
	stderr: string;
	/** Standard output, line by line, without the last newline. */
	lines: string[];
}

/** A program that takes longer than this hangs. */
const PATIENCE = 60_000;

export interface ProgramOptions {
	args?: readonly string[];
	execArgv?: readonly string[];
	env?: NodeJS.ProcessEnv;
	cwd?: string;
}

/** Runs `file` with this Node. A program that fails is a result like any other; one that hangs is killed. */
export function runProgram(file: string, options: ProgramOptions = {}): Promise<Ended> {
	const { args = [], execArgv = [], env = {}, cwd } = options;
	const settings = { env: { ...process.env, ...env }, timeout: PATIENCE, killSignal: 'SIGKILL' as const, cwd };
	return new Promise((resolve) => {
		execFile(process.execPath, [...execArgv, file, ...args], settings, (error, stdout, stderr) => {
			const code = error === null ? 0 : typeof error.code === 'number' ? error.code : -1;
			const lines = stdout.replace(/\n$/, '').split('\n');
			resolve({ code, signal: error?.signal ?? null, stdout, stderr, lines });
		});
	});
}
