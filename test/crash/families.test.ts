/** Families that are killed leave nothing, and locks among children that are killed go on: the soaks, for a moment. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { checkLeaks } from '../house/leaks.ts';
import { runProgram } from '../house/program.ts';

const SEED = 11;
const SECONDS = 1;

checkLeaks();

async function soak(name: string): Promise<void> {
	const file = fileURLToPath(new URL(`../soak/${name}.soak.js`, import.meta.url));
	const { code, stdout, stderr } = await runProgram(file, { args: [String(SEED), String(SECONDS)] });
	assert.equal(code, 0, `${stdout}\n${stderr}`);
}

test('a parent killed among ten children that use locks and pipes leaves no process and no file for two seconds', () =>
	soak('family'));

test('while children that hammer two locks are killed, every completed turn is counted and nobody waits for two seconds', () =>
	soak('locks'));

test('while children that use every primitive are killed, nobody waits for long and nothing is lost', () =>
	soak('primitives'));

test('while children that put into a queue and take out of it are killed, every item comes once and nobody waits for long', () =>
	soak('queues'));
