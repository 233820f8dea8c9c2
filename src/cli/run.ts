/** `polyproc run FILE [ARGS]`: a program in a Node that lets it be forked, as if it had been started with `node FILE`. */
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { FORK_FLAGS } from '../os/fork-flags.ts';

/** Of the signals that end a program, those that reach us alone; what a terminal sends reaches the program as well. */
const PASSED_ON: readonly NodeJS.Signals[] = ['SIGTERM', 'SIGHUP', 'SIGUSR2'];
const FROM_TERMINAL: readonly NodeJS.Signals[] = ['SIGINT', 'SIGQUIT'];

export interface RunOptions {
	readonly file: string;
	readonly args: readonly string[];
	readonly startMethod: string | undefined;
}

/** Resolves with the program's exit code. A program that was killed by a signal takes this process with it. */
export async function runProgram({ file, args, startMethod }: RunOptions): Promise<number> {
	const env = startMethod === undefined ? process.env : { ...process.env, POLYPROC_START_METHOD: startMethod };
	const child = spawn(process.execPath, [...process.execArgv, ...FORK_FLAGS, file, ...args], {
		stdio: 'inherit',
		env,
	});
	for (const signal of PASSED_ON) process.on(signal, () => child.kill(signal));
	for (const signal of FROM_TERMINAL) process.on(signal, () => {});
	const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve, reject) => {
		child.once('error', reject);
		child.once('exit', (...end) => resolve(end));
	});
	if (signal === null) return code ?? 0;
	process.removeAllListeners(signal);
	process.kill(process.pid, signal);
	return 128 + constants.signals[signal];
}
