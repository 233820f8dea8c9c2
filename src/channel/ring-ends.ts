/** The ends of a pipe: the reading side of one ring, the writing side of another, or one of them. */
import type { BlockReference } from '../memory/heap.ts';
import type { Destination } from '../wire/handoff.ts';
import { Ends } from './ends.ts';
import { Ring } from './ring.ts';
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

/** What crosses to whoever a pipe's end is sent to. */
export interface RingEndsData {
	readonly inbound: BlockReference | null;
	readonly outbound: BlockReference | null;
}

export class RingEnds extends Ends {
	readonly reader: RingReader | undefined;
	readonly writer: RingWriter | undefined;
	readonly #inbound: Ring | undefined;
	readonly #outbound: Ring | undefined;

	constructor(inbound: Ring | undefined, outbound: Ring | undefined) {
		super();
		this.#inbound = inbound;
		this.#outbound = outbound;
		inbound?.open('readers');
		outbound?.open('writers');
		this.reader = inbound && sides.reader(inbound);
		this.writer = outbound && sides.writer(outbound);
	}

	/** The other end of what `handoff` was told of. */
	static receive({ inbound, outbound }: RingEndsData): RingEnds {
		return new RingEnds(
			inbound === null ? undefined : Ring.attach(inbound),
			outbound === null ? undefined : Ring.attach(outbound),
		);
	}

	/** That of the shared memory; every pipe of a family has the same. */
	get fd(): number {
		return (this.#inbound ?? this.#outbound)!.block.family.fd;
	}

	protected release(reason: unknown): void {
		this.reader?.drop(this, reason);
		this.writer?.drop(this, reason);
		if (this.#inbound?.isLast('readers') === true) this.reader?.close();
		this.#inbound?.close('readers');
		this.#outbound?.close('writers');
	}

	handoff(destination: Destination): RingEndsData {
		return {
			inbound: this.#inbound?.handoff('readers', destination) ?? null,
			outbound: this.#outbound?.handoff('writers', destination) ?? null,
		};
	}
}
