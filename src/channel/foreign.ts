/**
 * Node's own objects that can be sent: files (`FileHandle`), sockets and servers. They cross as descriptors and become
 * objects of the same class again.
 */
import type { FileHandle } from 'node:fs/promises';
import type { Server, Socket } from 'node:net';
import type { BlockReference } from '../memory/heap.ts';
import { type Destination, NotReadyError, registerForeign, registerShared } from '../wire/handoff.ts';
import { sendDescriptor, takeDescriptor } from './descriptor.ts';
import { descriptorOf } from './handle-descriptor.ts';

interface Kind<T extends object> {
	/** Name of the class. It is looked at before `is`, so that no module is loaded to find that it was not needed. */
	readonly name: string;
	is(value: object): value is T;
	descriptor(value: T): number | undefined;
	rebuild(reference: BlockReference): object;
}

const net = (): typeof import('node:net') => process.getBuiltinModule('node:net');

const socket: Kind<Socket> = {
	name: 'Socket',
	is: (value): value is Socket => value instanceof net().Socket,
	descriptor: (value) => descriptorOf(value),
	rebuild: (reference) =>
		new (net().Socket)({ fd: takeDescriptor(reference, 'socket'), readable: true, writable: true }),
};

const server: Kind<Server> = {
	name: 'Server',
	is: (value): value is Server => value instanceof net().Server,
	descriptor: (value) => descriptorOf(value),
	rebuild: (reference) => listenWhenHeard(net().createServer(), takeDescriptor(reference, 'server')),
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

	of(reference: BlockReference): FileHandle {
		if (this.#make === undefined) {
			throw new NotReadyError(
				'Cannot unpickle a FileHandle while blocking the first time; receive it with await, or any FileHandle before.',
				this.#learn(),
			);
		}
		return this.#make(takeDescriptor(reference, 'file'));
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

const file: Kind<FileHandle> = {
	name: 'FileHandle',
	is: (value): value is FileHandle => 'fd' in value && typeof (value as FileHandle).datasync === 'function',
	descriptor: (value) => (value.fd >= 0 ? value.fd : undefined),
	rebuild: (reference) => fileHandles.of(reference),
};

function register<T extends object>(kind: Kind<T>): void {
	registerShared<BlockReference>(kind.name, (reference) => kind.rebuild(reference));
	registerForeign({
		is: (value) => value.constructor?.name === kind.name && kind.is(value),
		handoff(value, destination: Destination) {
			const fd = kind.descriptor(value as T);
			if (fd === undefined) throw new TypeError(`the ${kind.name} is closed, or not connected yet`);
			return { kind: kind.name, data: sendDescriptor(fd, destination) };
		},
	});
}

register(socket);
register(server);
register(file);
