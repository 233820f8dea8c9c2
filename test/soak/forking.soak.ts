// Children of the fork server and children forked from a running program, thousands of each: all of them allocate,
// collect garbage, compile hot code, use timers, files, sockets, the thread pool and cryptography, and start a child of
// their own. No child may crash, none may hang. It goes on until the counts are reached or the time is over; for all:
//
//     node scripts/soak.mjs --seconds 3600 forking
import { spawn } from 'node:child_process';
import { createHash, pbkdf2, randomBytes, webcrypto } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
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
import { getContext, isMain } from 'polyproc';
import { FORK_FLAGS } from '../parity/methods.ts';
import { DURATION, Random, SEED } from './random.ts';

type Forking = 'forkserver' | 'fork';

const COUNTS: Readonly<Record<Forking, number>> = { forkserver: 5000, fork: 2000 };
const AT_ONCE = 4;
/** A child that takes longer than this hangs, on a machine however busy. */
const PATIENCE = 60_000;

function expect(holds: boolean, what: string): void {
	if (!holds) throw new Error(`${what} came out wrong in a forked child`);
}

type Task = (random: Random) => unknown;

/** Young objects, some of which grow old, and a full collection. */
function allocate(random: Random): void {
	const kept: unknown[] = [];
	for (let i = 0; i < 20_000; i++) {
		const made = { i, text: `object ${i}`, list: [i, i + 1] };
		if (random.below(10) === 0) kept.push(made);
	}
	const large = Array.from({ length: 10 }, () => new Float64Array(10_000 + random.below(50_000)));
	setFlagsFromString('--expose-gc');
	(runInNewContext('gc') as () => void)();
	expect(kept.length + large.length > 10, 'allocation');
}

/** A function the compiler has never seen, run until it is optimised, and once more with other types. */
function compile(random: Random): void {
	const salt = random.below(1e6);
	const hot = new Function('a', 'b', `let s = ${salt}; for (const x of a) s = (s * 31 + x.v * b) | 0; return s;`);
	const items = Array.from({ length: 100 }, (_, v) => ({ v }));
	for (let i = 0; i < 2000; i++) hot(items, i);
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

async function useHttp(): Promise<void> {
	const server = createServer((_, response) => response.end('answer'));
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	const response = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
	expect((await response.text()) === 'answer', 'an answer');
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
	const plain = Buffer.alloc(random.below(300_000), 'soak');
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

/** Everything, in any order, some of it at once. */
export async function work(seed: number, method: Forking): Promise<void> {
	const random = new Random(seed);
	const tasks = [...TASKS, () => startGrandchild(seed + 1, method)].map((task) => ({ task, at: random.next() }));
	tasks.sort((a, b) => a.at - b.at);
	const meanwhile: unknown[] = [];
	for (const { task } of tasks) {
		const done = task(random);
		if (random.below(2) === 0) await done;
		else meanwhile.push(done);
	}
	await Promise.all(meanwhile);
}

class Count {
	done = 0;
	crashes = 0;
	hangs = 0;
	readonly #method: Forking;
	readonly #random: Random;
	readonly #end: number = performance.now() + DURATION;
	#started = 0;

	constructor(method: Forking) {
		this.#method = method;
		this.#random = new Random(SEED);
	}

	async run(): Promise<void> {
		await Promise.all(Array.from({ length: AT_ONCE }, () => this.#goOn()));
		const { done, crashes, hangs } = this;
		console.log(
			`  ${this.#method}, Node ${process.version}: ${done} of ${COUNTS[this.#method]} children, ${crashes} crashes, ${hangs} hangs`,
		);
		if (crashes + hangs > 0) process.exitCode = 1;
	}

	async #goOn(): Promise<void> {
		while (performance.now() < this.#end && this.#started < COUNTS[this.#method]) {
			this.#started += 1;
			await this.#one(this.#random.below(2 ** 31));
		}
	}

	async #one(seed: number): Promise<void> {
		const child = new (getContext(this.#method).Process)({ target: work, args: [seed, this.#method] });
		const started = await Promise.race([child.start(), sleep(PATIENCE, 'late', { ref: false })]);
		const code = started === 'late' ? null : await child.join(PATIENCE);
		this.done += 1;
		if (code === 0) return;
		console.error(`  ${this.#method}: child ${child.pid}, seed ${seed}: ${code === null ? 'hangs' : `exit code ${code}`}`);
		if (code !== null) this.crashes += 1;
		else {
			this.hangs += 1;
			if (child.pid !== null) child.kill({ tree: true });
		}
	}
}

/** A program that can be forked is one of its own. */
async function forkElsewhere(): Promise<void> {
	const args = [...FORK_FLAGS, fileURLToPath(import.meta.url), String(SEED), String(DURATION / 1000), 'fork'];
	const program = spawn(process.execPath, args, { stdio: 'inherit' });
	const code = await new Promise((resolve) => program.once('exit', resolve));
	if (code !== 0) process.exitCode = 1;
}

if (isMain(import.meta)) {
	if (process.argv[4] === 'fork') await new Count('fork').run();
	else await Promise.all([forkElsewhere(), new Count('forkserver').run()]);
}
