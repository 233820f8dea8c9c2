// Long random runs: every program of test/soak for some seconds each, with a seed that is printed and can be given
// back to see the same run again.
//   --short          a few seconds each (what CI does)
//   --seconds N      this long each
//   --seed N         this seed instead of a new one
//   WORD…            only programs whose name contains one of the words
import { spawnSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildIfStale } from './fresh.mjs';
import { readOptions } from './options.mjs';

const SHORT = 5;
const LONG = 120;
const GRACE = 60;

const usage = 'node scripts/soak.mjs [--short] [--seconds N] [--seed N] [WORD…]';
const options = readOptions(usage, {
	short: { type: 'boolean' },
	seconds: { type: 'string' },
	seed: { type: 'string' },
});
const root = dirname(dirname(fileURLToPath(import.meta.url)));
const seconds = Number(options.seconds ?? (options.short ? SHORT : LONG));
const seed = Number(options.seed ?? randomInt(2 ** 31));
buildIfStale(root);

const folder = join(root, 'build/test/soak');
const programs = (existsSync(folder) ? readdirSync(folder) : [])
	.filter((name) => name.endsWith('.soak.js'))
	.filter((name) => options.words.length === 0 || options.words.some((word) => name.includes(word)));

const failed = programs.filter((name) => !soak(name));
console.log(`soak: ${programs.length - failed.length} of ${programs.length} programs held, seed ${seed}`);
process.exitCode = failed.length === 0 ? 0 : 1;

function soak(name) {
	console.log(`soak: ${name}, ${seconds} s, seed ${seed}`);
	const { status, signal } = spawnSync(process.execPath, [join(folder, name), String(seed), String(seconds)], {
		cwd: root,
		stdio: 'inherit',
		timeout: (seconds + GRACE) * 1000,
		killSignal: 'SIGKILL',
	});
	if (status === 0) return true;
	const how = signal ? `hung and was killed` : `failed with exit code ${status}`;
	console.error(`soak: ${name} ${how}; again: node scripts/soak.mjs --seed ${seed} --seconds ${seconds} ${name}`);
	return false;
}
