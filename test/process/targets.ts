/** What the children of the process tests run. */
import { setTimeout as sleep } from 'node:timers/promises';
import { currentProcess, getLogger, Process, parentProcess } from 'polyproc';

/** Something a child found out, on its standard output. */
function tell(value: unknown): void {
	console.log(JSON.stringify(value));
}

export function doNothing(): void {}

export function log(): void {
	const logger = getLogger();
	logger.debug('zero');
	logger.info('one', { two: 2 });
	logger.warn('three');
	logger.error('four');
}

export function add(a: number, b: number): number {
	return a + b;
}

export function idle(): void {
	setInterval(() => undefined, 1e6);
}

export function spin(): never {
	for (;;);
}

export function tellArguments(...args: unknown[]): void {
	tell(args);
}

export function tellSelf(): void {
	const { name, pid, daemon, exitCode, authkey } = currentProcess();
	const alive = currentProcess().isAlive();
	tell({ name, pid, own: process.pid, daemon, exitCode, alive, authkey: authkey.toString('hex') });
}

export function tellParent(): void {
	const parent = parentProcess();
	tell({ name: parent?.name, pid: parent?.pid, alive: parent?.isAlive(), text: String(parent) });
}

export function watchParentInVain(): void {
	const parent = parentProcess();
	tell([parent?.joinSync(1), typeof parent?.sentinel]);
}

export function tellSurroundings(): void {
	const { argv, execArgv, env } = process;
	tell({ cwd: process.cwd(), argv: argv.slice(1), execArgv, mark: env.POLYPROC_TEST_MARK });
}

export function exit(code?: number): never {
	process.exit(code);
}

export function setExitCode(code: number): void {
	process.exitCode = code;
}

export function fail(message: string): never {
	throw new RangeError(message, { cause: new Error('the cause') });
}

export async function failLater(message: string): Promise<void> {
	await sleep(1);
	fail(message);
}

export function failInTimer(message: string): void {
	setTimeout(fail, 1, message);
}

export function rejectUnheard(message: string): void {
	void Promise.reject(new RangeError(message));
}

export function throwText(): never {
	throw 'just text';
}

export function surviveErrors(): void {
	process.on('uncaughtException', (error) => tell(error.message));
	fail('survived');
}

export async function neverSettles(): Promise<void> {
	await new Promise(() => undefined);
}

export function finishLater(): void {
	setTimeout(tell, 10, 'the pending work is done');
}

export async function echo(): Promise<void> {
	for await (const chunk of process.stdin) process.stdout.write(String(chunk).toUpperCase());
}

export function killYourself(signal: NodeJS.Signals): void {
	process.kill(process.pid, signal);
	idle();
}

/** Starts a child of its own and tells its name and exit code. */
export async function startGrandchild(): Promise<void> {
	const child = new Process({ target: exit, args: [7] });
	await child.start();
	tell([child.name, await child.join()]);
}

export async function tellWhyNot(): Promise<void> {
	const child = new Process({ target: doNothing });
	await child.start().then(
		() => tell('started'),
		(error) => tell([error.code, error.message]),
	);
}

/** Idles with an idle child, whose pid it tells. */
export async function idleWithChild(): Promise<void> {
	const child = new Process({ target: idle });
	await child.start();
	tell(child.pid);
}

/** A subclass with fields, a method, and a constructor that must not run again. */
export class Greeter extends Process {
	greeting: string;
	count: number;
	readonly madeIn: number = process.pid;

	constructor(greeting: string, count: number) {
		super({ name: 'greeter' });
		this.greeting = greeting;
		this.count = count;
	}

	text(): string {
		return this.greeting.repeat(this.count);
	}

	override run(): void {
		const isCurrent = currentProcess() === this;
		tell({ text: this.text(), madeIn: this.madeIn, isCurrent, name: this.name, own: this instanceof Greeter });
	}
}

export class CallsSuper extends Process<[string]> {
	override run(): unknown {
		tell('before');
		return super.run();
	}
}

export class Unsendable extends Process {
	readonly handler: object = { deep: [Symbol('mine')] };
}

export class KeepsProcess extends Process {
	readonly helper: Process = new Process({ target: doNothing });
}

export class KeepsPrivate extends Process {
	readonly #secret: string = 'hidden';

	override run(): void {
		tell(this.#secret);
	}
}

export class InheritsPrivate extends KeepsPrivate {
	readonly open: string = 'seen';
}

export class FailingRun extends Process {
	override async run(): Promise<void> {
		await failLater('from run');
	}
}
