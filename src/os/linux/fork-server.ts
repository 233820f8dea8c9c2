/**
 * The fork server's side: takes requests and forks. It has one thread and no event loop while it serves: it sleeps in
 * `poll`, so that nothing a preloaded module left behind ever runs, and every fork is from the same clean state.
 *
 * While it is asked again and again it keeps a child ready: forked ahead, having practised, and asleep until it is handed
 * what the next one is to be. That takes what a fork takes off the way from a request to its child.
 *
 * It lives as long as somebody of the family does who has asked it for something, or was made by it: it watches them all.
 */

import { mustRenewEach, neededRenewals, renewAfterFork } from '../../base/after-fork.ts';
import { now } from '../../base/deadline.ts';
import { makeRandomRenewable } from '../../base/randomness.ts';
import type { Birth, ForkServerAddress, ServeOptions, Service, Unfit } from '../fork-contract.ts';
import { becomeChild, rehearseBirth } from './birth.ts';
import { FORKED_STREAMS } from './child-stdio.ts';
import { disown, takeStock } from './disown.ts';
import { closeSentinel, openSentinel, takeExitStatus } from './exit-watch.ts';
import { fork, leaveForked, prepareFork } from './fork.ts';
import { ANSWER, decodeRequest, encodeAnswer, encodeRefusal, KEY_BYTES, type Request } from './fork-protocol.ts';
import { UNKNOWN_EXIT } from './forked-child.ts';
import { closeDescriptor, geteuid, signal } from './kernel.ts';
import { filledStores } from './node-internals.ts';
import { inheritStores } from './own-randomness.ts';
import { leaveStreams, planStreams, type StreamChange } from './own-stdio.ts';
import { waitSentinels } from './poll.ts';
import { practise } from './practice.ts';
import { beReady, makeReady, ReadyChild } from './ready-child.ts';
import { accept, listen, type Message, peerOf, receiveMessage, sendMessage } from './unix-socket.ts';

const crypto = (): typeof import('node:crypto') => process.getBuiltinModule('node:crypto');

const SIGINT = 2;
const IGNORE = 1;
const NAME_BYTES = 8;

/** Requests in a row, with no longer pause between two of them (milliseconds), after which a child is kept ready. */
const SERIES = 3;
const PAUSE = 500;

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
	/** The child that is ready for the next request. */
	#ready: ReadyChild | undefined;
	/** When the last request came, and how many have come without a long pause. */
	#lastRequest = Number.NEGATIVE_INFINITY;
	#series = 0;
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
			// First: what is closed in the course of something else may not be among those still to be handled.
			if (this.#ready !== undefined) pollable.unshift(this.#ready.pidfd);
			const due = this.#wantsReady();
			const pending = waitSentinels(pollable, due ? 0 : this.#patience());
			for (const index of pending) {
				this.#handle(pollable[index]!);
				if (this.#life !== undefined) return this.#life;
			}
			if (pending.length > 0) continue;
			if (due) this.#makeReady();
			else this.#dismissReady();
			if (this.#life !== undefined) return this.#life;
		}
	}

	/** A child is made ahead only while nobody waits for one. */
	#wantsReady(): boolean {
		return this.#ready === undefined && this.#series >= SERIES && now() < this.#lastRequest + PAUSE;
	}

	/** How long there may be nothing to do before the child that is ready is sent away, in milliseconds. */
	#patience(): number {
		return this.#ready === undefined ? Number.POSITIVE_INFINITY : Math.max(0, this.#lastRequest + PAUSE - now());
	}

	#makeReady(): void {
		try {
			const made = makeReady();
			if (made instanceof ReadyChild) {
				this.#ready = made;
			} else {
				this.#closeInherited();
				this.#life = () => beReady(made.socket, this.#service);
			}
		} catch {
			this.#series = 0; // whoever asks next is told why
		}
	}

	#dismissReady(): void {
		this.#ready?.dismiss();
		this.#ready = undefined;
		this.#series = 0;
	}

	/** Who is connected and has not said what for does not count. */
	#isForsaken(): boolean {
		return this.#clients.size === 0 && this.#children.size === 0;
	}

	#handle(fd: number): void {
		if (fd === this.#listener) this.#accept();
		else if (this.#greeting.has(fd)) this.#answer(fd);
		else if (this.#children.has(fd)) this.#bury(fd);
		else if (fd === this.#ready?.pidfd) this.#dismissReady();
		else this.#dropClient(fd);
	}

	#accept(): void {
		const connection = accept(this.#listener);
		if (connection === undefined) return;
		if (peerOf(connection).uid !== geteuid()) {
			closeDescriptor(connection);
		} else {
			this.#greeting.add(connection);
			this.#answer(connection); // most have said already what they want
		}
	}

	#answer(connection: number): void {
		const message = receiveMessage(connection);
		if (message === undefined) return;
		this.#greeting.delete(connection);
		const request = decodeRequest(message.data);
		const valid =
			request !== undefined &&
			crypto().timingSafeEqual(request.key, this.#key) &&
			message.descriptors.length === 1 + request.descriptors + 1 + FORKED_STREAMS;
		if (!valid) {
			sendMessage(connection, encodeRefusal(ANSWER.refused, 'not authenticated'));
		} else if (this.#unfit !== undefined) {
			sendMessage(connection, encodeRefusal(ANSWER[this.#unfit.kind], this.#unfit.why));
		} else {
			this.#addClient(peerOf(connection).pid);
			if (request.priority === undefined) this.#count();
			if (!this.#handOver(connection, message)) this.#make(connection, message.descriptors, request);
			return;
		}
		for (const fd of [...message.descriptors, connection]) closeDescriptor(fd);
	}

	/** Who asks for a child that is to wait for others is in no hurry. */
	#count(): void {
		this.#series = now() < this.#lastRequest + PAUSE ? this.#series + 1 : 1;
		this.#lastRequest = now();
	}

	/** False: there is no child that is ready, or not any more. */
	#handOver(connection: number, { data, descriptors }: Message): boolean {
		if (this.#ready === undefined) return false;
		if (!this.#ready.handOver(data, [connection, ...descriptors])) {
			this.#dismissReady();
			return false;
		}
		const { pid, pidfd } = this.#ready;
		this.#ready = undefined;
		this.#children.set(pidfd, { pid, connection });
		for (const fd of descriptors) closeDescriptor(fd);
		return true;
	}

	/** As much as can be is done here and not in the child: there, everything that is touched has to be copied first. */
	#make(connection: number, [payload, ...given]: readonly number[], request: Request): void {
		let pid: number;
		let live: (birth: Birth) => void;
		let streams: StreamChange;
		try {
			live = this.#service.expect(payload!);
			streams = planStreams(given.slice(-FORKED_STREAMS));
			pid = fork();
		} catch (error) {
			sendMessage(connection, encodeRefusal(ANSWER.refused, (error as Error).message));
			for (const fd of [...given, connection]) closeDescriptor(fd);
			return;
		}
		if (pid === 0) {
			this.#closeInherited();
			const birth = becomeChild(connection, given, request, streams);
			this.#life = () => live(birth);
		} else {
			this.#children.set(openSentinel(pid), { pid, connection });
			for (const fd of given) closeDescriptor(fd);
		}
	}

	/** In a child: what is the server's alone. */
	#closeInherited(): void {
		closeDescriptor(this.#listener);
		this.#ready?.forget();
		for (const fd of this.#greeting) closeDescriptor(fd);
		for (const [fd, child] of this.#children) {
			closeSentinel(fd);
			closeDescriptor(child.connection);
		}
		for (const fd of this.#clients.values()) closeSentinel(fd);
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

export function serveForks(options: ServeOptions, running: NodeJS.Immediate, service: Service): void {
	makeRandomRenewable();
	prepareFork();
	inheritStores(filledStores());
	disown(takeStock(running)); // once for all children
	leaveStreams(); // those of the process that happened to need a server first
	process.exitCode = undefined;
	if (!mustRenewEach()) renewAfterFork(neededRenewals());
	const serve = (): void => new ForkServer(options, service).run()();
	// In a turn of its own, when what was closed is gone. Who only refuses has nothing to practise.
	setImmediate(options.unfit === undefined ? () => practise(rehearseBirth, service.rehearse, serve) : serve);
}

export function listenForForks(): { readonly listener: number; readonly address: ForkServerAddress } {
	const { randomBytes } = crypto();
	const name = `polyproc-${randomBytes(NAME_BYTES).toString('hex')}`;
	return { listener: listen(name), address: { name, key: randomBytes(KEY_BYTES) } };
}
