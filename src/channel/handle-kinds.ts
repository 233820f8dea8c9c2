/** How a file, a socket or a server of Node's becomes a descriptor and is made of one. */
import type { FileHandle } from 'node:fs/promises';
import type { Server, Socket } from 'node:net';
import { NotReadyError } from '../wire/handoff.ts';
import { Unpicklable } from '../wire/unpicklable.ts';
import { departing } from './departure.ts';
import { descriptorOf } from './handle-descriptor.ts';

/** Classes of Node's that can travel. */
export type HandleName = 'Socket' | 'Server' | 'FileHandle';

/** One of them. */
export interface Kind {
	/** Name of the class. It is looked at before `is`, so that no module is loaded to find that it was not needed. */
	readonly name: HandleName;
	is(value: object): boolean;
	/** @throws Unpicklable if it has none, or not any more */
	descriptor(value: object): number;
	/** How it was made, as far as that is of the object and not of the descriptor. */
	traits?(value: object): Traits;
	/** @throws NotReadyError if that cannot be done yet */
	prepare?(): void;
	make(fd: number, traits: Traits): object;
}

/** Options of Node's, by their names. */
export type Traits = Readonly<Record<string, unknown>>;

/** The boolean options among these that an object has kept; nothing else, for whoever sent them may be anybody. */
function flagsOf(value: object, names: readonly string[]): Traits {
	return Object.fromEntries(
		names.map((name) => [name, (value as Record<string, unknown>)[name]]).filter(([, flag]) => flag === true),
	);
}

const net = (): typeof import('node:net') => process.getBuiltinModule('node:net');

function present(fd: number | undefined, name: string): number {
	if (fd !== undefined) return fd;
	throw new Unpicklable(`the ${name} is closed, or not connected yet`);
}

/** What sockets and servers keep of the options they were made with. */
const SOCKET_FLAGS = ['allowHalfOpen'];
const SERVER_FLAGS = ['allowHalfOpen', 'pauseOnConnect', 'noDelay', 'keepAlive'];

const socket: Kind = {
	name: 'Socket',
	is: (value) => value instanceof net().Socket,
	descriptor: (value) => present(departing(value as Socket), 'Socket'),
	traits: (value) => flagsOf(value, SOCKET_FLAGS),
	make: (fd, traits) => new (net().Socket)({ ...flagsOf(traits, SOCKET_FLAGS), fd, readable: true, writable: true }),
};

const server: Kind = {
	name: 'Server',
	is: (value) => value instanceof net().Server,
	descriptor: (value) => present(descriptorOf(value as Server), 'Server'),
	traits: (value) => flagsOf(value, SERVER_FLAGS),
	make: (fd, traits) => listenWhenHeard(net().createServer(flagsOf(traits, SERVER_FLAGS)), fd),
};

/** A connection that is accepted before there is anybody to hear of it would be lost: it listens from then on. */
function listenWhenHeard(made: Server, fd: number): Server {
	const onNewListener = (event: string): void => {
		if (event !== 'connection') return;
		made.off('newListener', onNewListener);
		queueMicrotask(() => made.listen({ fd }));
	};
	return made.on('newListener', onNewListener);
}

type MakeFileHandle = (fd: number) => FileHandle;

/**
 * Node has no way to make a `FileHandle` of a descriptor, but every one knows its class and that of its native part. One
 * has to be opened for that, which cannot be waited for while blocking.
 */
class FileHandles {
	#make: MakeFileHandle | undefined;

	prepare(): void {
		if (this.#make !== undefined) return;
		throw new NotReadyError(
			'Cannot unpickle a FileHandle while blocking the first time; receive it with await, or any FileHandle before.',
			this.#learn(),
		);
	}

	make(fd: number): FileHandle {
		return this.#make!(fd);
	}

	async #learn(): Promise<void> {
		const sample = await process.getBuiltinModule('node:fs').promises.open(process.getBuiltinModule('node:os').devNull);
		const FileHandleClass = sample.constructor as new (native: object) => FileHandle;
		const native = Object.getOwnPropertySymbols(sample)
			.map((symbol) => Reflect.get(sample, symbol) as { constructor?: { name?: string } } | null)
			.find((value) => typeof value === 'object' && value?.constructor?.name === 'FileHandle');
		const Native = native!.constructor as unknown as new (fd: number) => object;
		await sample.close();
		this.#make = (fd) => new FileHandleClass(new Native(fd));
	}
}

const fileHandles = new FileHandles();

const file: Kind = {
	name: 'FileHandle',
	is: (value) => 'fd' in value && typeof (value as FileHandle).datasync === 'function',
	descriptor: (value) => present((value as FileHandle).fd >= 0 ? (value as FileHandle).fd : undefined, 'FileHandle'),
	prepare: () => fileHandles.prepare(),
	make: (fd) => fileHandles.make(fd),
};

export function isOf(kind: Kind, value: object): boolean {
	return value.constructor?.name === kind.name && kind.is(value);
}

/** The kind of an object that the event loop looks after, which a forked child therefore does not have. */
export function loopKindOf(value: object): Kind | undefined {
	return [socket, server].find((kind) => isOf(kind, value));
}

/** All kinds, by the names of their classes. */
export const handleKinds: Readonly<Record<HandleName, Kind>> = { Socket: socket, Server: server, FileHandle: file };
