/** Rounds of hostile writes by the dozen, each batch in a process of its own: it must come to its end. */
import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import { runProgram } from '../house/program.ts';

const ROUNDS = './rounds.js';

export type What = 'objects' | 'bookkeeping' | 'another';

/** Runs so many rounds from the `first` on. What failed is told with the command that does it again. */
export async function runBatch(what: What, seed: number, first: number, count: number): Promise<void> {
	const program = fileURLToPath(import.meta.resolve(ROUNDS));
	const args = [String(seed), String(first), String(count), what];
	const { code, signal, lines, stderr } = await runProgram(program, { args });
	if (code === 0 && lines.at(-1) === 'all held') return;
	const how = signal === null ? `exit code ${code}` : `${signal}, perhaps because it hung`;
	const last = lines.slice(-2).join(',');
	assert.fail(`${how} in ${last}; again: node build/test/hostile/rounds.js ${args.join(' ')}\n${stderr}`);
}
