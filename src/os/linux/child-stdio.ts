/** The standard streams of a child that is forked: what `stdio` asks for, as descriptors to be put in place in the child. */
import { constants, fstatSync } from 'node:fs';
import { typeError } from '../../base/errors.ts';
import type { ChildStdio } from '../contract.ts';
import { duplicate } from './foreign-descriptor.ts';
import { checked, closeDescriptor, openFile } from './kernel.ts';
import { socketPair } from './unix-socket.ts';

/** What a fork can give a child: a later descriptor might be one that Node itself uses. */
export const FORKED_STREAMS = 3;

export interface StandardStreams {
	/** The child's, by number. */
	readonly fds: readonly number[];
	readonly hasPipes: boolean;
	/** The parent's ends of `'pipe'` entries. */
	readonly streams: readonly unknown[];
	/** Closes what only the child needs. */
	release(): void;
	/** In a forked child: closes the parent's ends. */
	leaveToParent(): void;
	/** The child could not be started. */
	abandon(): void;
}

const O_CLOEXEC = 0o2000000;

interface Streamlike {
	readonly fd?: unknown;
	readonly _handle?: { readonly fd?: unknown } | null;
}

function isOpen(fd: number): boolean {
	try {
		fstatSync(fd);
		return true;
	} catch {
		return false;
	}
}

function descriptorOf(stream: Streamlike, index: number): number {
	for (const fd of [stream._handle?.fd, stream.fd]) if (typeof fd === 'number' && fd >= 0) return fd;
	throw typeError(`new Process: stdio[${index}] is a stream without a descriptor; wait for its 'open' event`);
}

/** Opens what the entries ask for; `stdio` has `FORKED_STREAMS` of them. */
export function openStreams(stdio: readonly ChildStdio[]): StandardStreams {
	const opened: number[] = [];
	const streams: { destroy(): void; readonly _handle?: { close(): void } | null }[] = [];
	const nowhere = (): number => {
		const fd = checked('open', openFile('/dev/null', constants.O_RDWR | O_CLOEXEC, 0));
		opened.push(fd);
		return fd;
	};
	const copy = (fd: number): number => {
		const made = duplicate(fd);
		opened.push(made);
		return made;
	};
	const pipe = (index: number): [number, unknown] => {
		const [here, there] = socketPair(true);
		const { Socket } = process.getBuiltinModule('node:net');
		const stream = new Socket({ fd: here, readable: index > 0, writable: index === 0 });
		streams.push(stream as never);
		opened.push(there);
		return [there, stream];
	};
	const entries = stdio.map((entry, index): [number, unknown] => {
		if (entry === 'inherit') return [isOpen(index) ? index : nowhere(), null];
		if (typeof entry === 'number') return [entry, null];
		if (entry === 'pipe' || entry === 'overlapped') return pipe(index);
		if (typeof entry === 'object' && entry !== null) return [descriptorOf(entry as Streamlike, index), null];
		return [nowhere(), null];
	});
	const release = (): void => {
		for (const fd of opened.splice(0)) closeDescriptor(fd);
	};
	return {
		// One that would be overwritten before its turn is copied.
		fds: entries.map(([fd], number) => (fd < number ? copy(fd) : fd)),
		hasPipes: streams.length > 0,
		streams: entries.map(([, stream]) => stream),
		release,
		leaveToParent(): void {
			for (const stream of streams) stream._handle?.close();
		},
		abandon(): void {
			release();
			for (const stream of streams) stream.destroy();
		},
	};
}
