/** The side of those who have children forked by the fork server. */
import type { Child, ExitCode, ForkedOptions, NoChild, ThreadIdentity } from '../contract.ts';
import type { ForkServerAddress } from '../fork-contract.ts';
import { openStreams, type StandardStreams } from './child-stdio.ts';
import { closeSentinel, openSentinel } from './exit-watch.ts';
import { ANSWER, ANSWER_BYTES, encodeRequest } from './fork-protocol.ts';
import { type ExitSource, ForkedChild, UNKNOWN_EXIT } from './forked-child.ts';
import { closeDescriptor, dup2 } from './kernel.ts';
import { forgetLifeline, keepLifeline, openLifeline } from './lifeline.ts';
import { identify, isAlive } from './liveness.ts';
import { noteServed } from './tree.ts';
import { connect, receiveMessage, sendMessage } from './unix-socket.ts';
import { watch } from './watch.ts';

interface Answer {
	readonly kind: number;
	readonly value: number;
	readonly text: string;
}

/** Takes answers off a connection, which may come several at once. */
class Answers {
	readonly #connection: number;
	#rest: Buffer = Buffer.alloc(0);
	ended = false;

	constructor(connection: number) {
		this.#connection = connection;
	}

	/** `undefined`: none yet, or (`ended`) none ever more. */
	next(): Answer | undefined {
		for (;;) {
			const answer = this.#take();
			if (answer !== undefined || this.ended) return answer;
			const message = receiveMessage(this.#connection);
			if (message === undefined) return undefined;
			if (message.data.length === 0) this.ended = true;
			this.#rest = Buffer.concat([this.#rest, message.data]);
		}
	}

	#take(): Answer | undefined {
		if (this.#rest.length < ANSWER_BYTES) return undefined;
		const kind = this.#rest.readInt32LE();
		const value = this.#rest.readInt32LE(4);
		const end = ANSWER_BYTES + (kind === ANSWER.refused || kind === ANSWER.unfit ? value : 0);
		if (this.#rest.length < end) return undefined;
		const text = this.#rest.toString('utf8', ANSWER_BYTES, end);
		this.#rest = this.#rest.subarray(end);
		return { kind, value, text };
	}
}

/** The exit status as the server tells it. If the server is killed first, the end is still seen, only not how it was. */
class ServedSource implements ExitSource {
	readonly fd: number;
	readonly #answers: Answers;
	readonly #identity: ThreadIdentity;
	#orphaned = false;
	generation = 0;

	constructor(connection: number, answers: Answers, identity: ThreadIdentity) {
		this.fd = connection;
		this.#answers = answers;
		this.#identity = identity;
	}

	read(): ExitCode | null {
		if (this.#orphaned) return this.#hasEnded() ? UNKNOWN_EXIT : null;
		const answer = this.#answers.next();
		if (answer !== undefined) return answer.value;
		if (this.#answers.ended) this.#watchDirectly();
		return this.#orphaned && this.#hasEnded() ? UNKNOWN_EXIT : null;
	}

	/** From now on the descriptor is one for the process itself. */
	#watchDirectly(): void {
		this.#orphaned = true;
		const pidfd = openSentinel(this.#identity.pid);
		dup2(pidfd, this.fd);
		closeSentinel(pidfd);
		this.generation += 1;
	}

	#hasEnded(): boolean {
		return !isAlive(this.#identity);
	}
}

/** A full queue of connections empties within milliseconds. */
const RETRY = 2;

async function connectTo(name: string): Promise<number | undefined> {
	for (;;) {
		const connection = connect(name);
		if (connection !== 'busy') return connection;
		await new Promise((resolve) => setTimeout(resolve, RETRY));
	}
}

/** The first answer, in the event loop. */
function firstAnswer(connection: number, answers: Answers): Promise<Answer | undefined> {
	return new Promise((resolve) => {
		const watching = watch(connection, () => {
			const answer = answers.next();
			if (answer === undefined && !answers.ended) return;
			watching.close();
			resolve(answer);
		});
	});
}

function request(
	connection: number,
	options: ForkedOptions,
	streams: StandardStreams,
	key: Uint8Array,
	lifeline: number,
): boolean {
	const { cpuTime, openFiles, priority } = options.confinement ?? {};
	const descriptors = options.descriptors.length;
	const message = encodeRequest({ key, descriptors, detached: options.detached, cpuTime, openFiles, priority });
	return sendMessage(connection, message, [options.payload, ...options.descriptors, lifeline, ...streams.fds]);
}

/** Has the server at `address` fork a child. */
export async function startServedChild(options: ForkedOptions, address: ForkServerAddress): Promise<Child | NoChild> {
	const connection = await connectTo(address.name);
	if (connection === undefined) return { why: 'gone' };
	const streams = openStreams(options.stdio);
	const lifeline = openLifeline();
	keepLifeline(lifeline.writeEnd);
	const answers = new Answers(connection);
	const failed = (result: NoChild): NoChild => {
		closeDescriptor(connection);
		streams.abandon();
		forgetLifeline(lifeline.writeEnd);
		return result;
	};
	const sent = request(connection, options, streams, address.key, lifeline.readEnd);
	closeDescriptor(lifeline.readEnd);
	if (!sent) return failed({ why: 'gone' });
	const answer = await firstAnswer(connection, answers);
	switch (answer?.kind) {
		case ANSWER.hello: {
			streams.release();
			const identity = identify(answer.value);
			noteServed(answer.value);
			const source = new ServedSource(connection, answers, identity);
			return new ForkedChild(identity, source, streams.streams, lifeline.writeEnd);
		}
		case ANSWER.exit:
			return failed({ why: 'stillborn' });
		case ANSWER.refused:
			return failed({ why: 'refused', text: answer.text });
		case ANSWER.unfit:
			return failed({ why: 'unfit', text: answer.text });
		default:
			return failed({ why: 'gone' });
	}
}
