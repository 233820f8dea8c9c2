/** What a hostile process does that knows how polyproc talks: it writes to the sockets of its broker itself. */
import * as fs from 'node:fs';
import * as mp from 'polyproc';

const CANCEL = 0xffffffff;

/** The sockets: of calls that are awaited, and of those that block. */
function sockets(): number[] {
	return Array.from({ length: 40 }, (_, index) => index + 3).filter((fd) => {
		try {
			return fs.fstatSync(fd).isSocket();
		} catch {
			return false; // not open
		}
	});
}

function request(call: number, object: number, name: string, content: Uint8Array): Buffer {
	const head = Buffer.alloc(9);
	head.writeUInt32BE(call);
	head.writeUInt32BE(object, 4);
	head[8] = name.length;
	return Buffer.concat([head, Buffer.from(name, 'latin1'), content]);
}

function framed(message: Uint8Array): Buffer {
	const length = Buffer.alloc(4);
	length.writeUInt32BE(message.length);
	return Buffer.concat([length, message]);
}

/** Has a method of an object called, and takes the answer. */
function ask(object: number, name: string, args: unknown): void {
	const fd = sockets()[1]!;
	fs.writeSync(fd, framed(request(7, object, name, mp.pickle.dumps(args))));
	const length = Buffer.alloc(4);
	fs.readSync(fd, length);
	fs.readSync(fd, Buffer.alloc(length.readUInt32BE()));
}

function stay(): Promise<never> {
	return new Promise(() => setInterval(() => {}, 1000));
}

/** As the function of a `run`: tells these things in its own words, and stays. The pipe is the first object. */
export function tellTales(...tales: unknown[]): Promise<never> {
	for (const tale of tales) ask(0, 'send', [tale]);
	return stay();
}

export function hangUp(): Promise<never> {
	ask(0, 'close', []);
	return stay();
}

export function crashBadly(): void {
	for (const bytes of [Uint8Array.of(1, 2, 3), new Uint8Array(0)]) ask(0, 'send', [['crash', bytes]]);
	process.exit(3);
}

async function nameOf(act: () => unknown): Promise<string> {
	try {
		return String(await act());
	} catch (error) {
		return `${(error as Error).name} ${(error as { code?: string }).code}`;
	}
}

export async function waitForMore(queue: mp.Queue<unknown>, ready: mp.Event): Promise<void> {
	const awaited = nameOf(() => queue.get());
	await nameOf(() => ready.set()); // who waits for it may be quicker than the answer
	const blocked = await nameOf(() => queue.getSync());
	process.stdout.write(JSON.stringify([await awaited, blocked, await nameOf(() => queue.put(1))]));
}

/** Announces what it never sends; then whether its broker still listens. */
export async function announce(queue: mp.Queue<unknown>, ...header: number[]): Promise<void> {
	fs.writeSync(sockets()[0]!, Buffer.from(header));
	const tried = [await nameOf(() => queue.getSync()), await nameOf(() => queue.get())];
	process.stdout.write(JSON.stringify(tried));
}

export function readLocked(value: mp.Value<'i'>, ready: mp.Event): number {
	ready.set();
	return value.value;
}

/** Asks for far more than it reads. */
export function askAndNotRead(text: mp.RawArray<'c'>, written: mp.Queue<unknown>): Promise<never> {
	const length = text.length;
	const one = framed(request(9, 0, 'get raw', mp.pickle.dumps([])));
	fs.writeSync(sockets()[0]!, Buffer.concat(Array(1000).fill(one)));
	written.putSync(length);
	return stay();
}

/** Numbers below `n`, always the same ones for a seed. */
function randomness(seed: number): (n: number) => number {
	let state = seed;
	return (n) => {
		state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
		return Math.floor((state / 2 ** 32) * n);
	};
}

const NAMES = 'put get acquire release close set wait join notify value raw at slice setSlice add poll send'.split(' ');
const ODD_NAMES = [
	'',
	'get value',
	'set value',
	'get raw',
	'set raw',
	'get ',
	'\xff\0\xfe',
	'__proto__',
	'x'.repeat(255),
];

function oddArguments(): unknown[] {
	const sparse: unknown[] = [];
	sparse.length = 4_000_000_000;
	let deep: unknown[] = [];
	for (let level = 0; level < 800; level++) deep = [deep];
	const options = { timeout: 1, signal: { aborted: true }, block: true };
	const hidden = JSON.parse('{"__proto__": {"timeout": 1}, "constructor": 1}') as unknown;
	const values: unknown[] = [[], [1], [null, null, null], [options], [1, options], [hidden, hidden], deep, new Date(0)];
	return [
		...values,
		sparse,
		{ length: 3 },
		'text',
		null,
		[-1, 2 ** 40],
		[new Map([[1, 2]])],
		[new Uint8Array(9)],
		[2n],
	];
}

/** Many requests, most of them whole, with answers that nobody reads. */
export function fuzz(seed: number, rounds: number, ...objects: object[]): void {
	const random = randomness(seed);
	const contents = oddArguments().map((value) => mp.pickle.dumps(value));
	const names = [...NAMES, ...ODD_NAMES];
	const [awaited] = sockets();
	for (let round = 0; round < rounds; round++) {
		const object = random(9) === 0 ? CANCEL - random(2) : random(objects.length + 1);
		const content = Buffer.from(contents[random(contents.length)]!);
		if (random(2) === 0 && content.length > 0) content[random(content.length)] = random(256);
		const message = request(random(50), object, names[random(names.length)]!, content);
		fs.writeSync(awaited!, framed(message));
	}
	process.stdout.write('"written"\n');
	fs.writeSync(awaited!, Buffer.from([0x80, 0, 0, random(256), 1, 2, 3]));
}

/** Signals and priorities, of this process and of others. */
export async function signalOthers(): Promise<string[]> {
	const { kill } = await import('node:process');
	const os = await import('node:os');
	const { setPriority } = os;
	const raw = process as unknown as { _kill(pid: number, signal: number): number; _debugProcess(pid: number): void };
	const parent = process.ppid;
	return Promise.all([
		nameOf(() => kill(parent, 0)),
		nameOf(() => process.kill(-parent, 0)),
		nameOf(() => process.kill(0, 0)),
		nameOf(() => raw._kill(parent, 0)),
		nameOf(() => raw._debugProcess(parent)),
		nameOf(() => setPriority(parent, 0)),
		nameOf(() => os.default.setPriority(parent, 0)),
		nameOf(() => kill(process.pid, 0)),
		nameOf(() => setPriority(os.getPriority())),
	]);
}

export async function openDatabase(path: string): Promise<string> {
	return nameOf(async () => {
		const { DatabaseSync } = process.getBuiltinModule('node:sqlite' as never) as {
			DatabaseSync: new (path: string) => { exec(sql: string): void };
		};
		new DatabaseSync(path).exec('create table t (a)');
	});
}
