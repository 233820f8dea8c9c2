/** The programs of docs/connections.md run as they stand there. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { checkLeaks } from '../house/leaks.ts';
import { type Ended, runProgram } from '../house/program.ts';
import { repositoryPath } from '../house/root.ts';
import { noPython } from './python-peer.ts';

checkLeaks();

const page = readFileSync(repositoryPath('docs/connections.md'), 'utf8');
const folder = mkdtempSync(join(tmpdir(), 'connections-page-'));
mkdirSync(join(folder, 'node_modules'));
symlinkSync(repositoryPath('.'), join(folder, 'node_modules/polyproc'));
after(() => rmSync(folder, { recursive: true }));

/** Ports that nobody else of this machine's test runs has, in place of the page's. */
const PORTS = new Map([6000, 6001].map((port, i) => [String(port), String(20_000 + ((process.pid * 2 + i) % 10_000))]));

function program(name: string): string {
	const text = new RegExp(`\`\`\`\\w+\n((?://|#) ${name}\n[^]*?)\`\`\``).exec(page)?.[1];
	assert.ok(text, name);
	const file = join(folder, name);
	writeFileSync(
		file,
		text.replace(/600\d/g, (port) => PORTS.get(port)!),
	);
	return file;
}

/** Runs a client, again while nobody listens yet. */
async function clientOf(server: Promise<Ended>, run: () => Promise<string | undefined>): Promise<string> {
	let ended: Ended | undefined;
	void server.then((how) => {
		ended = how;
	});
	for (;;) {
		const said = await run();
		if (said !== undefined) return said;
		if (ended !== undefined) throw new Error(`the server has ended: ${ended.stderr}`);
	}
}

test('the server and the client of the page talk to each other', async () => {
	const server = runProgram(program('server.mjs'));
	const client = program('client.mjs');
	const said = await clientOf(server, async () => {
		const { code, stdout } = await runProgram(client);
		return code === 0 ? stdout : undefined;
	});
	assert.equal(said, '42\n');
	assert.deepEqual([(await server).code, (await server).stderr], [0, '']);
});

test('the client in Python of the page talks to its server', { skip: noPython }, async () => {
	const server = runProgram(program('for-python.mjs'));
	const client = program('client.py');
	const python = process.env.PYTHON ?? 'python3';
	const said = await clientOf(server, async () => {
		await new Promise(setImmediate);
		const { status, stdout } = spawnSync(python, [client], { encoding: 'utf8' });
		return status === 0 ? stdout : undefined;
	});
	assert.equal(said, 'HELLO FROM PYTHON\n');
	assert.deepEqual([(await server).code, (await server).stderr], [0, '']);
});
