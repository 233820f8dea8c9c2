/** `polyproc map`, as it is typed: with what it reads from standard input. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { fixturePath, repositoryPath } from '../house/root.ts';

export const COMMAND: string = repositoryPath('dist/cli.cjs');
export const MODULE: string = fixturePath('map/functions.mjs');

/** A run that takes longer hangs. */
const PATIENCE = 60_000;

export interface Ended {
	readonly code: number | null;
	readonly signal: NodeJS.Signals | null;
	readonly stdout: string;
	readonly stderr: string;
	/** Of standard output, each parsed. */
	readonly results: unknown[];
}

export interface MapOptions {
	readonly input?: string | Uint8Array;
	readonly cwd?: string;
	readonly execArgv?: readonly string[];
	readonly env?: NodeJS.ProcessEnv;
}

/** Begins `polyproc map`; its streams are pipes. */
export function startMap(args: readonly string[], { cwd, execArgv = [], env = {} }: MapOptions = {}): ChildProcess {
	return spawn(process.execPath, [...execArgv, COMMAND, 'map', ...args], {
		cwd,
		env: { ...process.env, POLYPROC_START_METHOD: undefined, ...env },
		stdio: 'pipe',
		timeout: PATIENCE,
		killSignal: 'SIGKILL',
	});
}

export async function runMap(args: readonly string[], options: MapOptions = {}): Promise<Ended> {
	const child = startMap(args, options);
	child.stdin!.on('error', () => {}); // it may end before it has read all
	child.stdin!.end(options.input ?? '');
	const [stdout, stderr, [code, signal]] = await Promise.all([
		textOf(child.stdout!),
		textOf(child.stderr!),
		once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>,
	]);
	return { code, signal, stdout, stderr, results: parsed(stdout) };
}

export async function textOf(stream: NodeJS.ReadableStream): Promise<string> {
	const chunks: Buffer[] = [];
	for await (const chunk of stream) chunks.push(chunk as Buffer);
	return Buffer.concat(chunks).toString();
}

/** Lines of JSON. */
export function parsed(text: string): unknown[] {
	return text
		.split('\n')
		.slice(0, -1)
		.map((line) => {
			try {
				return JSON.parse(line) as unknown;
			} catch {
				return line; // help
			}
		});
}

export function numbers(count: number): string[] {
	return Array.from({ length: count }, (_, index) => String(index + 1));
}

/** A folder of the calling test file's own. */
export function scratch(): (name: string) => string {
	const folder = mkdtempSync(join(tmpdir(), 'map-command-'));
	after(() => rmSync(folder, { recursive: true, force: true }));
	return (name) => join(folder, name);
}
