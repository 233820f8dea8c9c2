/** Both sides of a connection over a socket. */
import { ProcessError } from '../base/errors.ts';
import type { BlockReference } from '../memory/heap.ts';
import type { Destination } from '../wire/handoff.ts';
import { Trust } from '../wire/trust.ts';
import { sendDescriptor, takeDescriptor } from './descriptor.ts';
import { Ends } from './ends.ts';
import { Stream } from './stream.ts';
import { type StreamPeer, StreamReader } from './stream-reader.ts';
import { StreamWriter } from './stream-writer.ts';

/** What crosses to whoever such a connection is sent to. */
export interface StreamEndsData {
	readonly descriptor: BlockReference;
	readonly mayBeChallenged: boolean;
	/** The names of the modules it may refer to. */
	readonly allowed: readonly string[] | undefined;
}

export class StreamEnds extends Ends {
	readonly reader: StreamReader;
	readonly writer: StreamWriter;
	readonly #stream: Stream;

	/** `fd` is this one's from now on. */
	constructor(fd: number, peer: StreamPeer) {
		super();
		this.#stream = new Stream(fd);
		this.reader = new StreamReader(this.#stream, peer, (reason) => this.close(reason));
		this.writer = new StreamWriter(this.#stream);
	}

	/** What `handoff` was told of, in the process that it has crossed to. */
	static receive({ descriptor, mayBeChallenged, allowed }: StreamEndsData): StreamEnds {
		const trust = allowed === undefined ? Trust.OUTSIDE : Trust.only(allowed);
		return new StreamEnds(takeDescriptor(descriptor, 'connection'), { mayBeChallenged, trust });
	}

	get fd(): number {
		return this.#stream.fd;
	}

	/** Whether waiting for it keeps the event loop alive; at first it does. */
	hold(on: boolean): void {
		this.#stream.keepsLoop = on;
	}

	override expectHandshake(): void {
		this.reader.mayBeChallenged = false;
	}

	protected release(reason: unknown): void {
		this.reader.drop(this, reason);
		this.writer.drop(this, reason);
		this.#stream.close();
	}

	handoff(destination: Destination): StreamEndsData {
		if (this.reader.isAmidMessage() || this.writer.isAmidMessage) {
			throw new ProcessError(
				'Connection: it cannot be sent while a message is half received or half sent; finish that first.',
				{ code: 'ERR_MP_AMID_MESSAGE' },
			);
		}
		return {
			descriptor: sendDescriptor(this.#stream.fd, destination),
			mayBeChallenged: this.reader.mayBeChallenged,
			allowed: this.reader.trust.allowed && [...this.reader.trust.allowed],
		};
	}
}
