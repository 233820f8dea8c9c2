/** Starts a process with its output caught, and tells how it went. */
import { text } from 'node:stream/consumers';
import { Process, type ProcessOptions } from 'polyproc';

/** How a process ended and what it wrote. */
export interface Outcome {
	code: number | null;
	stdout: string;
	stderr: string;
	/** The lines of its output, as JSON. */
	told: unknown[];
}

export const CAUGHT: ['ignore', 'pipe', 'pipe'] = ['ignore', 'pipe', 'pipe'];

/** Runs a process that was made with `stdio: CAUGHT`. */
export async function outcomeOf(child: Process): Promise<Outcome> {
	await child.start();
	if (child.stdout === null || child.stderr === null) throw new Error('make it with stdio: CAUGHT');
	const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), child.join()]);
	child.close();
	const told = stdout.split('\n').filter(Boolean).map(parse);
	return { code, stdout, stderr, told };
}

function parse(line: string): unknown {
	try {
		return JSON.parse(line);
	} catch {
		return line;
	}
}

/** Runs a function in a process of its own. */
export function run<Args extends readonly unknown[]>(options: ProcessOptions<Args>): Promise<Outcome> {
	return outcomeOf(new Process<Args>({ stdio: CAUGHT, ...options }));
}
