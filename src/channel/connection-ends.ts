/**
 * What a connection holds: the reading side of one ring, the writing side of another, or one of them. Apart from the
 * connection itself so that it can be closed after a connection that nobody closed has been collected.
 */
import { ClosedError } from '../base/errors.ts';
import type { BlockReference } from '../memory/heap.ts';
import type { Destination } from '../wire/handoff.ts';
import type { Ring } from './ring.ts';
import { RingReader } from './ring-reader.ts';
import { RingWriter } from './ring-writer.ts';

/** The readers and writers of this thread: one for a ring, whatever number of connections use it, so that none waits for another. */
class ThreadSides {
	readonly #readers = new WeakMap<Ring, RingReader>();
	readonly #writers = new WeakMap<Ring, RingWriter>();

	reader(ring: Ring): RingReader {
		const known = this.#readers.get(ring);
		if (known !== undefined) return known;
		const made = new RingReader(ring);
		this.#readers.set(ring, made);
		return made;
	}

	writer(ring: Ring): RingWriter {
		const known = this.#writers.get(ring);
		if (known !== undefined) return known;
		const made = new RingWriter(ring);
		this.#writers.set(ring, made);
		return made;
	}
}

const sides = new ThreadSides();

export class ConnectionEnds {
	readonly reader: RingReader | undefined;
	readonly writer: RingWriter | undefined;
	readonly #inbound: Ring | undefined;
	readonly #outbound: Ring | undefined;
	#closed = false;

	constructor(inbound: Ring | undefined, outbound: Ring | undefined) {
		this.#inbound = inbound;
		this.#outbound = outbound;
		inbound?.open('readers');
		outbound?.open('writers');
		this.reader = inbound && sides.reader(inbound);
		this.writer = outbound && sides.writer(outbound);
	}

	static readonly #collected: FinalizationRegistry<ConnectionEnds> = new FinalizationRegistry((ends) =>
		ends.close(new ClosedError('Connection: it was collected.')),
	);

	static closeWhenCollected(connection: object, ends: ConnectionEnds): void {
		ConnectionEnds.#collected.register(connection, ends, ends);
	}

	get closed(): boolean {
		return this.#closed;
	}

	get fd(): number {
		return (this.#inbound ?? this.#outbound)!.block.family.fd;
	}

	close(reason: unknown): void {
		if (this.#closed) return;
		this.#closed = true;
		ConnectionEnds.#collected.unregister(this);
		this.reader?.drop(this, reason);
		this.writer?.drop(this, reason);
		if (this.#inbound?.isLast('readers') === true) this.reader?.close();
		this.#inbound?.close('readers');
		this.#outbound?.close('writers');
	}

	handoff(destination: Destination): { inbound: BlockReference | null; outbound: BlockReference | null } {
		return {
			inbound: this.#inbound?.handoff('readers', destination) ?? null,
			outbound: this.#outbound?.handoff('writers', destination) ?? null,
		};
	}
}
