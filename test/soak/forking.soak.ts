// Children of the fork server and children forked from a running program, thousands of each: they allocate, collect
// garbage, compile hot code, use timers, files, sockets, the thread pool and cryptography, and start programs and children
// of their own, in any order and some of it at once. No child may crash, none may hang. It goes on until the counts are reached or the time is over; for all:
//
//     node scripts/soak.mjs --seconds 3600 forking
import { execFileSync, spawn } from 'node:child_process';
import { createHash, pbkdf2, randomBytes, webcrypto } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, get } from 'node:http';
import { type AddressInfo, connect, createServer as createTcpServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { deflate, inflate } from 'node:zlib';
import { getContext, isMain, type Process } from 'polyproc';
import { FORK_FLAGS } from '../parity/methods.ts';
import { DURATION, Random, SEED } from './random.ts';

type Forking = 'forkserver' | 'fork';

const COUNTS: Readonly<Record<Forking, number>> = { forkserver: 5000, fork: 2000 };
/** Before each of these, as many that do hardly anything. */
const QUICK_ONES = 3;
const AT_ONCE = 4;
/** If no child ends for so long, one hangs, on a machine however busy. */
const PATIENCE = 60_000;

function expect(holds: boolean, what: string): void {
	if (!holds) throw new Error(`${what} came out wrong in a forked child`);
}

type Task = (random: Random) => unknown;

/** Young objects, some of which grow old; a full collection, often by force. */
function allocate(random: Random): void {
	const kept: unknown[] = [];
	for (let i = 0; i < 8000; i++) {
		const made = { i, text: `object ${i}`, list: [i, i + 1] };
		if (random.below(10) === 0) kept.push(made);
	}
	const large = Array.from({ length: 5 }, () => new Float64Array(random.below(50_000)));
	expect(kept.length + large.length > 5, 'allocation');
	if (random.below(2) === 0) return;
	setFlagsFromString('--expose-gc');
	(runInNewContext('gc') as () => void)();
}

/** A function the compiler has never seen, run until it is optimised, and once more with other types. */
function compile(random: Random): void {
	const salt = random.below(1e6);
	const hot = new Function('a', 'b', `let s = ${salt}; for (const x of a) s = (s * 31 + x.v * b) | 0; return s;`);
	const items = Array.from({ length: 100 }, (_, v) => ({ v }));
	for (let i = 0; i < 1000; i++) hot(items, i);
	expect(Number.isInteger(hot([{ v: 1.5, other: 1 }], 0.5)), 'compiled code');
}

/** As far as it is used here: its types come with those of browsers. */
interface Wasm {
	instantiate(bytes: Uint8Array): Promise<{ instance: { exports: { add(a: number, b: number): number } } }>;
}

async function compileWasm(): Promise<void> {
	const bytes = '0061736d0100000001070160027f7f017f030201000707010361646400000a09010700200020016a0b';
	const { WebAssembly } = globalThis as unknown as { WebAssembly: Wasm };
	const { instance } = await WebAssembly.instantiate(Buffer.from(bytes, 'hex'));
	expect(instance.exports.add(2, 3) === 5, 'WebAssembly');
}

async function useTimers(random: Random): Promise<void> {
	let ticks = 0;
	const interval = setInterval(() => ticks++, 1);
	await sleep(3 + random.below(5));
	await new Promise((resolve) => setImmediate(resolve));
	await new Promise((resolve) => process.nextTick(resolve));
	while (ticks === 0) await sleep(1);
	clearInterval(interval);
}

async function useFiles(random: Random): Promise<void> {
	const folder = await mkdtemp(join(tmpdir(), 'forking-soak-'));
	const bytes = Buffer.alloc(random.below(200_000), 'f');
	await writeFile(join(folder, 'file'), bytes);
	expect(bytes.equals(await readFile(join(folder, 'file'))), 'a file');
	await rm(folder, { recursive: true });
}

async function useSockets(random: Random): Promise<void> {
	const server = createTcpServer((socket) => socket.pipe(socket));
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
	const sent = 'x'.repeat(random.below(100_000));
	socket.end(sent);
	expect((await text(socket)) === sent, 'an echo');
	await new Promise((resolve) => server.close(resolve));
}

function getText(url: string): Promise<string> {
	return new Promise((resolve, reject) => {
		get(url, (response) => text(response).then(resolve, reject)).on('error', reject);
	});
}

/** With `fetch`, too, now and then: it loads a lot. */
async function useHttp(random: Random): Promise<void> {
	const server = createServer((_, response) => response.end('answer'));
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
	const answer = random.below(5) === 0 ? (await fetch(url)).text() : getText(url);
	expect((await answer) === 'answer', 'an answer');
	server.closeAllConnections();
	await new Promise((resolve) => server.close(resolve));
}

async function useCryptography(): Promise<void> {
	const secret = randomBytes(32);
	const key = await promisify(pbkdf2)(secret, 'salt', 100, 32, 'sha256');
	const digest = Buffer.from(await webcrypto.subtle.digest('SHA-256', key));
	expect(digest.equals(createHash('sha256').update(key).digest()), 'a digest');
}

async function useThreadPool(random: Random): Promise<void> {
	const plain = Buffer.alloc(random.below(100_000), 'soak');
	const packed = await Promise.all([1, 2, 3, 4, 5].map(() => promisify(deflate)(plain)));
	expect(plain.equals(await promisify(inflate)(packed[0] as Buffer)), 'compression');
}

async function startProgram(): Promise<void> {
	const child = spawn('/bin/echo', ['hello'], { stdio: ['ignore', 'pipe', 'ignore'] });
	expect((await text(child.stdout)) === 'hello\n', 'another program');
}

const TASKS: readonly Task[] = [
	allocate,
	compile,
	compileWasm,
	useTimers,
	useFiles,
	useSockets,
	useHttp,
	useCryptography,
	useThreadPool,
	startProgram,
];

/** Of a child's child: some of it. */
export async function workALittle(seed: number): Promise<void> {
	const random = new Random(seed);
	for (let i = 0; i < 2; i++) await random.pick(TASKS as readonly [Task])(random);
}

async function startGrandchild(seed: number, method: Forking): Promise<void> {
	const { Process } = getContext(method);
	const grandchild = new Process({ target: workALittle, args: [seed] });
	await grandchild.start();
	expect((await grandchild.join()) === 0, 'a grandchild');
}

/** Half of it, in any order, some of it at once. */
export async function work(seed: number, method: Forking): Promise<void> {
	const random = new Random(seed);
	const tasks: Task[] = Array.from({ length: TASKS.length / 2 }, () => random.pick(TASKS as readonly [Task]));
	if (random.below(8) === 0) tasks.unshift(() => startGrandchild(seed + 1, method));
	const meanwhile: unknown[] = [];
	for (const task of tasks) {
		const done = task(random);
		if (random.below(2) === 0) await done;
		else meanwhile.push(done);
	}
	await Promise.all(meanwhile);
}

/** Young objects only, so that V8 may want to collect them anywhere in the end that follows. */
export function endSoon(kilobytes: number): number {
	let last = 0;
	for (let i = 0; i < kilobytes; i++) last += new Array(126).fill(i).length;
	return last;
}

/** Written for every child that has ended; who hears none for long knows of a hang. */
const BEAT = '\0';

class Count {
	readonly #method: Forking;
	readonly #random: Random = new Random(SEED);
	readonly #end: number = performance.now() + DURATION;
	#started = 0;
	#done = 0;
	#crashes = 0;

	constructor(method: Forking) {
		this.#method = method;
	}

	async run(): Promise<void> {
		await Promise.all(Array.from({ length: AT_ONCE }, () => this.#goOn()));
		const of = `${this.#done} of ${COUNTS[this.#method]} children`;
		console.log(`\n${this.#method} on Node ${process.versions.node}: ${of} ended, ${this.#crashes} of them badly`);
		if (this.#crashes > 0) process.exitCode = 1;
	}

	async #goOn(): Promise<void> {
		while (performance.now() < this.#end && this.#started < COUNTS[this.#method]) {
			if (this.#started++ % 2 === 0) setTimeout(() => undefined, 100);
			await this.#one(this.#random.below(2 ** 31));
		}
	}

	async #one(seed: number): Promise<void> {
		const { Process } = getContext(this.#method);
		for (let i = 0; i < QUICK_ONES; i++) {
			await this.#settle(new Process({ target: endSoon, args: [this.#random.below(1024)] }), seed);
		}
		await this.#settle(new Process({ target: work, args: [seed, this.#method] }), seed);
		this.#done += 1;
	}

	async #settle(child: Process, seed: number): Promise<void> {
		await child.start();
		const code = await child.join();
		process.stdout.write(BEAT);
		if (code !== 0) {
			this.#crashes += 1;
			console.error(`  ${this.#method}: child ${child.pid}, seed ${seed}: exit code ${code}`);
		}
		child.close();
	}
}

/** In a program of its own, started as the method needs it, and watched. */
async function count(method: Forking): Promise<void> {
	const flags = method === 'fork' ? FORK_FLAGS : [];
	const args = [...flags, fileURLToPath(import.meta.url), String(SEED), String(DURATION / 1000), method];
	const program = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
	const hang = setTimeout(() => {
		console.error(`  ${method}: a child hangs, and with it:\n${execFileSync('ps', ['-ef', '--forest']).toString()}`);
		program.kill('SIGKILL');
	}, PATIENCE);
	for await (const said of program.stdout.setEncoding('utf8')) {
		hang.refresh();
		const lines = said.replaceAll(BEAT, '').trim();
		if (lines !== '') console.log(`  ${lines}`);
	}
	clearTimeout(hang);
	if (program.exitCode === null && program.signalCode === null) await once(program, 'exit');
	if (program.exitCode !== 0) process.exitCode = 1;
}

if (isMain(import.meta)) {
	const method = process.argv[4] as Forking | undefined;
	if (method === undefined) await Promise.all([count('forkserver'), count('fork')]);
	else await new Count(method).run();
}
