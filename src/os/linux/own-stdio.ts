/**
 * A forked child's standard streams. It has its parent's descriptors, and perhaps its parent's stream objects. The
 * descriptors are replaced first; a stream object stays if it fits what is behind the number now, and is made anew if
 * it does not (a terminal there, a file here).
 */
import { closeSync, constants, fstatSync, openSync, writeSync } from 'node:fs';
import { Writable } from 'node:stream';
import { forkGeneration } from '../../base/after-fork.ts';
import { native } from '../ffi.ts';
import { duplicate } from './foreign-descriptor.ts';
import { checked, dup2 } from './kernel.ts';

type Kind = 'terminal' | 'channel' | 'file' | 'none';

const isatty: (fd: number) => number = native('int isatty(int fd)');

function kindOf(fd: number): Kind {
	try {
		const stat = fstatSync(fd);
		if (stat.isFIFO() || stat.isSocket()) return 'channel';
		if (!stat.isCharacterDevice()) return 'file';
		return isatty(fd) === 1 ? 'terminal' : 'file'; // not Node's own: loading it takes longer than all the rest
	} catch {
		return 'none';
	}
}

/** Writes at once, as Node does to files. */
class FileWriter extends Writable {
	readonly fd: number;
	readonly isTTY = false;

	constructor(fd: number) {
		super({ decodeStrings: true, autoDestroy: false });
		this.fd = fd;
	}

	override _write(chunk: Buffer, _encoding: string, done: (error?: Error | null) => void): void {
		try {
			for (let written = 0; written < chunk.length; ) written += writeSync(this.fd, chunk, written);
			done();
		} catch (error) {
			done(error as Error);
		}
	}
}

/** A standard stream outlives every attempt to end it. */
function lasting<S extends Writable>(stream: S): S {
	stream._destroy = (error, done) => done(error);
	return stream;
}

function writer(fd: number, kind: Kind): Writable {
	if (kind === 'terminal') {
		const { WriteStream } = process.getBuiltinModule('node:tty');
		return lasting(new WriteStream(fd));
	}
	if (kind !== 'channel') return lasting(new FileWriter(fd));
	const { Socket } = process.getBuiltinModule('node:net');
	return lasting(new Socket({ fd, readable: false, writable: true }));
}

function reader(fd: number, kind: Kind): unknown {
	if (kind === 'terminal') return new (process.getBuiltinModule('node:tty').ReadStream)(fd);
	if (kind === 'channel')
		return new (process.getBuiltinModule('node:net').Socket)({ fd, readable: true, writable: false });
	return process.getBuiltinModule('node:fs').createReadStream('', { fd, autoClose: false });
}

const NAMES = ['stdin', 'stdout', 'stderr'] as const;

/** Streams that are made when they are first asked for, and have not been yet. */
const unmade = new Set<number>();

function replaceStream(fd: number): void {
	const name = NAMES[fd]!;
	let made: unknown;
	unmade.add(fd);
	Object.defineProperty(process, name, {
		configurable: true,
		enumerable: true,
		get: () => {
			made ??= fd === 0 ? reader(fd, kindOf(fd)) : writer(fd, kindOf(fd));
			unmade.delete(fd);
			return made;
		},
	});
	if (fd === 0) return;
	// The console keeps the stream it has written to first.
	Object.defineProperty(console, `_${name}`, {
		configurable: true,
		enumerable: false,
		get: () => process[name],
		set: (stream) => {
			made = stream;
			unmade.delete(fd);
		},
	});
}

/**
 * In a program that can be forked: what a child reads from its standard input it reads through a stream of its own, made
 * when it is first asked for. The parent's has what it has read ahead.
 */
export function makeStdinRenewable(): void {
	const { get } = Object.getOwnPropertyDescriptor(process, 'stdin')!;
	if (get === undefined || renewable.has(get)) return;
	let maker = forkGeneration();
	let own: unknown;
	const renewed = function stdin(this: NodeJS.Process): unknown {
		if (forkGeneration() !== maker) {
			maker = forkGeneration();
			own = reader(0, kindOf(0));
		}
		return own ?? Reflect.apply(get, this, []);
	};
	renewable.add(renewed);
	Object.defineProperty(process, 'stdin', { configurable: true, enumerable: true, get: renewed as () => never });
}

const renewable = new WeakSet<object>();

function isStdinRenewable(): boolean {
	const { get } = Object.getOwnPropertyDescriptor(process, 'stdin')!;
	return get !== undefined && renewable.has(get);
}

/** Which descriptors come in the place of this process's own three, and whose stream objects do not fit any more. */
export interface StreamChange {
	readonly fds: readonly number[];
	readonly unfit: readonly number[];
}

export function planStreams(fds: readonly number[]): StreamChange {
	const isUnfit = (fd: number, number: number): boolean => {
		if (unmade.has(number)) return false;
		return (number === 0 && !isStdinRenewable()) || (number > 0 && fd !== number && kindOf(fd) !== kindOf(number));
	};
	return { fds, unfit: [...fds.keys()].filter((number) => isUnfit(fds[number]!, number)) };
}

/** The same for a copy of this process: what is still to be written here is not to be written by both. */
export function planStreamsOfCopy(fds: readonly number[]): StreamChange {
	const { unfit } = planStreams(fds);
	const isWaiting = (number: number): boolean =>
		number > 0 && !unmade.has(number) && (process[NAMES[number]!] as NodeJS.WriteStream).writableLength > 0;
	return { fds, unfit: [...fds.keys()].filter((number) => unfit.includes(number) || isWaiting(number)) };
}

/** Makes the change; the originals stay open. */
export function changeStreams({ fds, unfit }: StreamChange): void {
	for (let number = 0; number < fds.length; number++) {
		const fd = fds[number]!;
		if (fd !== number) checked('dup2', dup2(fd, number));
	}
	for (const number of unfit) replaceStream(number);
}

/** Puts descriptors in place of this process's own three; the originals stay open. */
export function takeStreams(fds: readonly number[]): void {
	changeStreams(planStreams(fds.map((fd, number) => (fd < number ? duplicate(fd) : fd)))); // that would be overwritten before its turn
}

/** Lets go of standard streams that somebody may read to their end; what is written there later is lost. */
export function leaveStreams(): void {
	const nowhere = openSync('/dev/null', constants.O_RDWR);
	takeStreams(NAMES.map((_, number) => (kindOf(number) === 'channel' ? nowhere : number)));
	closeSync(nowhere);
}
