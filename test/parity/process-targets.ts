/** What the children of the process tests run. */
import { closeSync, readdirSync, readSync } from 'node:fs';
import { type Connection, currentProcess, getContext, Process, parentProcess } from 'polyproc';
import type { Method } from './methods.ts';

export function doNothing(): void {}

/** Says that it runs, then waits until it is told to end, or is killed. */
export async function waitToBeTold(parent: Connection): Promise<void> {
	await parent.send('running');
	await parent.recv();
}

export async function tellArguments(parent: Connection, ...args: unknown[]): Promise<void> {
	await parent.send(args);
}

/** Everything a process knows about itself; then waits to be told to end. */
export async function describeYourself(parent: Connection, ...args: unknown[]): Promise<void> {
	const { name, pid, daemon, exitCode, authkey } = currentProcess();
	const text = Buffer.from(authkey).toString('hex');
	await parent.send({ args, name, pid, ownPid: process.pid, daemon, exitCode, authkey: text });
	await parent.recv();
}

export async function describeParent(parent: Connection): Promise<void> {
	const process = parentProcess();
	await parent.send([process?.pid, process?.name, process?.isAlive()]);
}

/** Starts a grandchild that watches this process; then waits to be killed. */
export async function becomeParentOfWatcher(watched: Connection, root: Connection, method: Method): Promise<void> {
	const { Process } = getContext(method);
	const watcher = new Process({ target: watchParent, args: [root], detached: true });
	await watcher.start();
	await waitToBeTold(watched);
}

export async function watchParent(root: Connection): Promise<void> {
	const parent = parentProcess();
	await root.send(parent?.isAlive());
	await parent?.join();
	await root.send(parent?.isAlive());
}

/** Restores the system's own answer to SIGINT by having none. */
export async function ignoreInterrupts(parent: Connection): Promise<void> {
	process.on('SIGINT', () => undefined);
	await waitToBeTold(parent);
}

/** Two levels down, each joined before the next: tells its place in the tree first. */
export async function recurse(root: Connection, place: number[], method: Method): Promise<void> {
	await root.send(place);
	if (place.length === 2) return;
	const { Process } = getContext(method);
	for (let i = 0; i < 2; i++) {
		const child = new Process({ target: recurse, args: [root, [...place, i], method] });
		await child.start();
		await child.join();
	}
}

export async function tellDescriptorCount(parent: Connection): Promise<void> {
	await parent.send(readdirSync('/proc/self/fd').length);
}

/** Has work going on when it returns: that is waited for. A timer that is let go is not. */
export function leaveWorkBehind(parent: Connection): void {
	setTimeout(() => {
		parent.sendSync('the pending work was done');
	}, 20);
	setTimeout(() => parent.sendSync('never'), 1e6).unref();
}

/** Its own output is broken from here on; it ends well all the same. */
export function breakOutput(): void {
	closeSync(1);
	closeSync(2);
}

/** Throws something with a place of its own. */
export function failLoudly(): void {
	throw new RangeError('the moon is too far');
}

export function exitWith(code: number): void {
	process.exit(code);
}

export function setExitCode(code: number): void {
	process.exitCode = code;
}

/** A process that answers questions over a pipe it holds both ends of, until it is told to stop. */
export class Upper extends Process {
	readonly mine: Connection;
	readonly theirs: Connection;

	constructor(mine: Connection, theirs: Connection) {
		super();
		this.mine = mine;
		this.theirs = theirs;
	}

	async ask(question: string): Promise<unknown> {
		await this.mine.send(question);
		return this.mine.recv();
	}

	async stop(): Promise<void> {
		await this.mine.send(null);
		this.mine.close();
		this.theirs.close();
	}

	override async run(): Promise<void> {
		this.mine.close();
		for await (const question of this.theirs) {
			if (question === null) return;
			await this.theirs.send(String(question).toUpperCase());
		}
	}
}

/** Whether a descriptor number leads to a program's file. */
export async function tellWhatDescriptorIs(parent: Connection, fd: number): Promise<void> {
	try {
		const magic = Buffer.alloc(4);
		readSync(fd, magic, 1, 3, 1);
		await parent.send(magic.toString('latin1', 1));
	} catch (error) {
		await parent.send((error as NodeJS.ErrnoException).code);
	}
}

/** A handler registered in the child, at run time. */
export function speakAtExit(parent: Connection): void {
	process.on('exit', (code) => parent.sendSync(`leaving with ${code}`));
}

/** Echoes a value and a large message, whatever signals arrive; says first that its handler is in place, waits at last. */
export async function echoUnderSignals(parent: Connection): Promise<void> {
	process.on('SIGHUP', () => undefined);
	await parent.send('ready');
	await parent.send(await parent.recv());
	await parent.sendBytes(await parent.recvBytes());
	await parent.recv();
}

/** The same, blocked in the calls. */
export function echoUnderSignalsSync(parent: Connection): void {
	process.on('SIGHUP', () => undefined);
	parent.sendSync('ready');
	parent.sendSync(parent.recvSync());
	parent.sendBytesSync(parent.recvBytesSync());
	parent.recvSync();
}

/** Disturbs the parent, which waits for this process to end. */
export function signalParent(times: number): void {
	for (let i = 0; i < times; i++) process.kill(parentProcess()?.pid ?? 0, 'SIGHUP');
}
