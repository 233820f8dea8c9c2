/**
 * The fork server's side: takes requests and forks. It has one thread and no event loop while it serves: it sleeps in
 * `poll`, so that nothing a preloaded module left behind ever runs, and every fork is from the same clean state.
 *
 * It lives as long as somebody of the family does who has asked it for something, or was made by it: it watches them all.
 */

import { mustRenewEach, renewAfterFork } from '../../base/after-fork.ts';
import { makeRandomRenewable, renewRandomness } from '../../base/randomness.ts';
import type { Birth, ForkServerAddress, ServeOptions, Service, Unfit } from '../contract.ts';
import { disown } from './disown.ts';
import { closeSentinel, openSentinel, takeExitStatus, waitSentinels } from './exit-watch.ts';
import { duplicate } from './foreign-descriptor.ts';
import { fork, leaveForked, prepareFork } from './fork.ts';
import { ANSWER, decodeRequest, encodeAnswer, encodeRefusal, KEY_BYTES, type Request } from './fork-protocol.ts';
import { UNKNOWN_EXIT } from './forked-child.ts';
import { closeDescriptor, geteuid, setsid, signal } from './kernel.ts';
import { armOwnLifeline, closeLifeline, disarmLifeline, openLifeline } from './lifeline.ts';
import { changeStreams, leaveStreams, planStreams, type StreamChange } from './own-stdio.ts';
import { practise } from './rehearsal.ts';
import { soon } from './renew.ts';
import { accept, listen, peerOf, receiveMessage, sendMessage } from './unix-socket.ts';

const crypto = (): typeof import('node:crypto') => process.getBuiltinModule('node:crypto');

const SIGINT = 2;
const DEFAULT = 0;
const IGNORE = 1;
const STREAMS = 3;
const NAME_BYTES = 8;

interface Running {
	readonly pid: number;
	readonly connection: number;
}

class ForkServer {
	readonly #listener: number;
	readonly #key: Uint8Array;
	readonly #unfit: Unfit | undefined;
	/** Connections that have not said what they want. */
	readonly #greeting = new Set<number>();
	/** By pidfd. */
	readonly #children = new Map<number, Running>();
	/** Pidfds of the processes this server is for, by pid. */
	readonly #clients = new Map<number, number>();
	readonly #service: Service;
	/** In a child: what it is to do. */
	#life: (() => void) | undefined;

	constructor(options: ServeOptions, service: Service) {
		this.#service = service;
		this.#listener = options.listener;
		this.#key = options.key;
		this.#unfit = options.unfit;
		this.#addClient(options.client);
	}

	/** Returns in children only, what is to be called there. */
	run(): () => void {
		signal(SIGINT, IGNORE);
		for (;;) {
			if (this.#isForsaken()) {
				this.#service.leave();
				leaveForked(0);
			}
			const pollable = [this.#listener, ...this.#greeting, ...this.#children.keys(), ...this.#clients.values()];
			for (const index of waitSentinels(pollable, Number.POSITIVE_INFINITY)) {
				this.#handle(pollable[index]!);
				if (this.#life !== undefined) return this.#life;
			}
		}
	}

	/** Who is connected and has not said what for does not count. */
	#isForsaken(): boolean {
		return this.#clients.size === 0 && this.#children.size === 0;
	}

	#handle(fd: number): void {
		if (fd === this.#listener) this.#accept();
		else if (this.#greeting.has(fd)) this.#answer(fd);
		else if (this.#children.has(fd)) this.#bury(fd);
		else this.#dropClient(fd);
	}

	#accept(): void {
		const connection = accept(this.#listener);
		if (connection === undefined) return;
		if (peerOf(connection).uid === geteuid()) this.#greeting.add(connection);
		else closeDescriptor(connection);
	}

	#answer(connection: number): void {
		const message = receiveMessage(connection);
		if (message === undefined) return;
		this.#greeting.delete(connection);
		const request = decodeRequest(message.data);
		const valid =
			request !== undefined &&
			crypto().timingSafeEqual(request.key, this.#key) &&
			message.descriptors.length === 1 + request.descriptors + 1 + STREAMS;
		if (!valid) {
			sendMessage(connection, encodeRefusal(ANSWER.refused, 'not authenticated'));
		} else if (this.#unfit !== undefined) {
			sendMessage(connection, encodeRefusal(ANSWER[this.#unfit.kind], this.#unfit.why));
		} else {
			this.#addClient(peerOf(connection).pid);
			this.#make(connection, message.descriptors, request);
			return;
		}
		for (const fd of [...message.descriptors, connection]) closeDescriptor(fd);
	}

	/** As much as can be is done here and not in the child: there, everything that is touched has to be copied first. */
	#make(connection: number, [payload, ...given]: readonly number[], request: Request): void {
		let pid: number;
		let live: (birth: Birth) => void;
		let streams: StreamChange;
		try {
			live = this.#service.expect(payload!);
			streams = planStreams(given.slice(-STREAMS));
			pid = fork();
		} catch (error) {
			sendMessage(connection, encodeRefusal(ANSWER.refused, (error as Error).message));
			for (const fd of [...given, connection]) closeDescriptor(fd);
			return;
		}
		if (pid === 0) {
			const birth = this.#becomeChild(connection, given, request, streams);
			this.#life = () => live(birth);
		} else {
			this.#children.set(openSentinel(pid), { pid, connection });
			for (const fd of given) closeDescriptor(fd);
		}
	}

	#becomeChild(
		connection: number,
		given: readonly number[],
		{ descriptors, detached }: Request,
		streams: StreamChange,
	): Birth {
		signal(SIGINT, DEFAULT);
		closeDescriptor(this.#listener);
		for (const fd of this.#greeting) closeDescriptor(fd);
		for (const [fd, child] of this.#children) {
			closeSentinel(fd);
			closeDescriptor(child.connection);
		}
		for (const fd of this.#clients.values()) closeSentinel(fd);
		const lifeline = given[descriptors]!;
		settle(lifeline, streams, detached);
		if (mustRenewEach()) renewAfterFork();
		sendMessage(connection, encodeAnswer(ANSWER.hello, process.pid));
		closeDescriptor(connection);
		return { descriptors: given.slice(0, descriptors), lifeline };
	}

	#bury(pidfd: number): void {
		const { connection } = this.#children.get(pidfd)!;
		this.#children.delete(pidfd);
		sendMessage(connection, encodeAnswer(ANSWER.exit, takeExitStatus(pidfd) ?? UNKNOWN_EXIT));
		closeDescriptor(connection);
		closeSentinel(pidfd);
	}

	#addClient(pid: number): void {
		if (!this.#clients.has(pid)) this.#clients.set(pid, openSentinel(pid));
	}

	#dropClient(pidfd: number): void {
		for (const [pid, fd] of this.#clients) if (fd === pidfd) this.#clients.delete(pid);
		closeSentinel(pidfd);
	}
}

/** What it takes to be a process of its own. */
function settle(lifeline: number, streams: StreamChange, detached: boolean): void {
	if (detached) setsid();
	else if (!armOwnLifeline(lifeline)) leaveForked(1);
	changeStreams(streams);
	for (const fd of streams.fds) closeDescriptor(fd);
	renewRandomness();
}

function rehearseSettling(): void {
	const lifeline = openLifeline();
	settle(lifeline.readEnd, planStreams([0, 1, 2].map(duplicate)), false);
	disarmLifeline(lifeline.readEnd);
	closeLifeline(lifeline);
}

export function serveForks(options: ServeOptions, running: NodeJS.Immediate, service: Service): void {
	makeRandomRenewable();
	prepareFork();
	disown(running, options.hasTimers); // once for all children
	leaveStreams(); // those of the process that happened to need a server first
	process.exitCode = undefined;
	if (!mustRenewEach()) renewAfterFork();
	soon(() => practise(rehearseSettling, service.rehearse, () => new ForkServer(options, service).run()()));
}

export function listenForForks(): { readonly listener: number; readonly address: ForkServerAddress } {
	const { randomBytes } = crypto();
	const name = `polyproc-${randomBytes(NAME_BYTES).toString('hex')}`;
	return { listener: listen(name), address: { name, key: randomBytes(KEY_BYTES) } };
}
