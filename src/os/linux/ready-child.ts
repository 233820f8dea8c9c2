/**
 * A child that a fork server has made ahead. It has practised, so that it has its own copies of what it will need, and
 * sleeps until the server hands it a request as it has come, with its descriptors. It ends with its server.
 */
import type { Service } from '../fork-contract.ts';
import { becomeChild, rehearseBirth } from './birth.ts';
import { FORKED_STREAMS } from './child-stdio.ts';
import { closeSentinel, openSentinel, reap } from './exit-watch.ts';
import { fork, leaveForked } from './fork.ts';
import { decodeRequest } from './fork-protocol.ts';
import { closeDescriptor } from './kernel.ts';
import { planStreams } from './own-stdio.ts';
import { waitSentinels } from './poll.ts';
import { type Message, receiveMessage, sendMessage, socketPair } from './unix-socket.ts';

/** The server's side. */
export class ReadyChild {
	readonly pid: number;
	readonly pidfd: number;
	readonly #socket: number;

	constructor(pid: number, socket: number) {
		this.pid = pid;
		this.pidfd = openSentinel(pid);
		this.#socket = socket;
	}

	/** False: it is not there any more. */
	handOver(request: Uint8Array, descriptors: readonly number[]): boolean {
		const done = sendMessage(this.#socket, request, descriptors);
		if (done) closeDescriptor(this.#socket);
		return done;
	}

	/** Ends it. */
	dismiss(): void {
		try {
			process.kill(this.pid, 'SIGKILL');
		} catch {
			// it has ended
		}
		waitSentinels([this.pidfd], Number.POSITIVE_INFINITY);
		reap(this.pidfd);
		this.forget();
	}

	/** In another child of the server's. */
	forget(): void {
		closeSentinel(this.pidfd);
		closeDescriptor(this.#socket);
	}
}

/** Forks; in the child, the socket it is to wait at. */
export function makeReady(): ReadyChild | { readonly socket: number } {
	const [here, there] = socketPair(false);
	let pid: number;
	try {
		pid = fork();
	} catch (error) {
		for (const fd of [here, there]) closeDescriptor(fd);
		throw error;
	}
	closeDescriptor(pid === 0 ? here : there);
	return pid === 0 ? { socket: there } : new ReadyChild(pid, here);
}

/** The child's life. */
export function beReady(socket: number, service: Service): void {
	rehearseBirth();
	void service.rehearse().finally(() => setImmediate(() => awaitRequest(socket, service)));
}

function awaitRequest(socket: number, service: Service): void {
	let message: Message | undefined;
	while (message === undefined) {
		waitSentinels([socket], Number.POSITIVE_INFINITY);
		message = receiveMessage(socket);
	}
	const request = decodeRequest(message.data);
	if (request === undefined) leaveForked(0); // nobody is there any more
	const [connection, payload, ...given] = message.descriptors as [number, number, ...number[]];
	closeDescriptor(socket);
	const live = service.expect(payload);
	live(becomeChild(connection, given, request, planStreams(given.slice(-FORKED_STREAMS))));
}
