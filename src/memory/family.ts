/**
 * The family: a program and all its descendants, which share one segment of memory. The first process that needs
 * something shared (or starts a child) makes it; children inherit its descriptor and join when they first meet a shared
 * object, so that a child that shares nothing loads nothing.
 *
 * One per JS thread. It knows who takes part and what this thread holds; it does not know what is stored.
 */
import { afterFork, renewEach } from '../base/after-fork.ts';
import { ProcessError } from '../base/errors.ts';
import type { Segment, ThreadIdentity } from '../os/contract.ts';
import { gates } from '../os/gates.ts';
import { platform } from '../os/platform.ts';
import { fromAbove, isMainThread, tellThreads, threadId } from '../os/threads.ts';
import type { Destination } from '../wire/handoff.ts';
import { Arena } from './arena.ts';
import { Heap } from './heap.ts';
import type { HolderList } from './holders.ts';
import { inheritedFamily, needFarewell, onFarewell } from './inheritance.ts';
import { HEAD, LAYOUT_MAGIC, LAYOUT_VERSION, SEGMENT_BYTES } from './layout.ts';
import { removeIfLast } from './named-ids.ts';
import { Participants } from './participants.ts';

/** Who holds what crosses to another process, once it has crossed: see holders.ts. */
export class Hold {
	readonly who: number;
	readonly sequence: number;

	constructor(who: number, sequence: number = 0) {
		this.who = who;
		this.sequence = sequence;
	}
}

/** Collects what a message holds; it becomes the holds of a message once its place in the channel is known. */
export class PendingHolds {
	#lists: HolderList[] | undefined;
	/** It has not been published, and as long as this object is there it may be. */
	isPending = true;

	add(list: HolderList): void {
		this.#lists ??= [];
		this.#lists.push(list);
	}

	get isEmpty(): boolean {
		return this.#lists === undefined;
	}

	/** The message is about to be published: `who` and `sequence` as in holders.ts. */
	settle(hold: Hold): void {
		for (const list of this.#lists ?? []) list.add(hold.who, hold.sequence);
		this.isPending = false;
	}
}

/** Of a message that may be published more than once: to another one, when the first has died. */
export class LastingHolds extends PendingHolds {
	override settle(hold: Hold): void {
		super.settle(hold);
		this.isPending = true;
	}
}

/** Makes a destination (opaque to the pickler) a holder in `list`. Nobody in particular: nothing is held. */
export function holdFor(destination: Destination, list: HolderList): void {
	if (destination instanceof Hold) list.add(destination.who, destination.sequence);
	else if (destination instanceof PendingHolds) destination.add(list);
}

/** This thread's handle on a block (block.ts), as far as the family knows it. */
export interface BlockHandle {
	readonly offset: number;
	readonly generation: number;
}

const tidyUps: ((dead: number) => void)[] = [];

/** Has `hook` run for each participant that was killed, while its records are still there. */
export function onParticipantGone(hook: (dead: number) => void): void {
	tidyUps.push(hook);
}

/** False: this thread is only just joining. */
function tidyUpAfter(dead: number): boolean {
	if (joined === undefined) return false;
	for (const hook of tidyUps) hook(dead);
	return true;
}

export class Family {
	#me: number;
	readonly arena: Arena;
	readonly heap: Heap;
	readonly participants: Participants;
	readonly #blocks = new Map<number, WeakRef<BlockHandle>>();
	readonly #leaveHooks: (() => void)[] = [];
	readonly #bequests: ((heir: number) => void)[] = [];
	/** The participant that a child about to be forked will be. */
	#heir = 0;
	readonly #dropped: FinalizationRegistry<number> = new FinalizationRegistry((offset) => this.#forgetBlock(offset));

	/** `participant`: one that is known already, or the name of a new one. */
	constructor(segment: Segment, participant: number | string) {
		this.arena = new Arena(segment);
		this.#checkLayout();
		this.participants = new Participants(this.arena, tidyUpAfter);
		this.#me = typeof participant === 'string' ? this.participants.reserve(participant, 0) : participant;
		this.participants.bind(this.me, platform.self());
		const me = (): number => this.#me;
		this.heap = new Heap(this.arena, {
			get me() {
				return me();
			},
			isAlive: (id) => this.isAlive(id),
			knows: (id) => !this.participants.hasEnded(id),
			hasRecord: (id) => this.participants.hasRecord(id),
		});
	}

	/** This thread's participant id. */
	get me(): number {
		return this.#me;
	}

	/** The descriptor that children inherit. */
	get fd(): number {
		return this.arena.segment.fd;
	}

	isAlive(participant: number): boolean {
		return participant === this.me || this.participants.isAlive(participant);
	}

	/** A record for a child about to be started; what is pickled for it is held by it from then on. */
	reserveParticipant(name: string): number {
		return this.participants.reserve(name, this.me);
	}

	/** The child has started. */
	bindParticipant(id: number, identity: ThreadIdentity): void {
		this.participants.bind(id, identity);
	}

	/** The child has ended, or could not be started: what only it held is freed. */
	releaseParticipant(id: number): void {
		const tidy = this.participants.hasEnded(id);
		platform.forgetDoorbells(this.participants.identity(id).pid);
		if (!tidy) tidyUpAfter(id);
		this.participants.end(id);
		this.participants.release(id);
		if (!tidy) this.heap.sweep();
	}

	/** A child is about to be forked, here and now: it will hold all that this thread does. */
	bequeath(participant: number): void {
		this.#heir = participant;
		for (const [offset, block] of this.#blocks) {
			if (block.deref() !== undefined) this.heap.holders(offset).add(participant);
		}
		for (const bequest of this.#bequests) bequest(participant);
	}

	/** Has `hook` run when a child is about to be forked, with its participant id. */
	onBequest(hook: (heir: number) => void): void {
		this.#bequests.push(hook);
	}

	/** In the forked child: from here on this thread is the heir. Its parent says when it began (`bindParticipant`). */
	succeed(pid: number): void {
		this.#me = this.#heir;
		this.participants.locate(this.#me, pid);
	}

	/** In a forked child whose parent may end before it has said anything. */
	bindHeir(): void {
		this.participants.bind(this.#me, platform.self());
	}

	destinationFor(participant: number): Hold {
		return new Hold(participant);
	}

	/** This thread's handle on a block, if it has one. */
	knownBlock(offset: number): BlockHandle | undefined {
		return this.#blocks.get(offset)?.deref();
	}

	/** Remembers a handle; when it is collected the block is let go. */
	keepBlock(block: BlockHandle): void {
		this.#blocks.set(block.offset, new WeakRef(block));
		this.#dropped.register(block, block.offset, block);
	}

	/** Lets go of a block now. */
	dropBlock(block: BlockHandle): void {
		this.#dropped.unregister(block);
		this.#blocks.delete(block.offset);
		this.heap.release(block.offset);
	}

	#forgetBlock(offset: number): void {
		if (this.#blocks.get(offset)?.deref() !== undefined) return; // it was received again meanwhile
		if (this.#blocks.delete(offset)) this.heap.release(offset);
	}

	/** Has `hook` run when this thread leaves, before it lets go of its blocks. */
	onLeave(hook: () => void): void {
		this.#leaveHooks.push(hook);
	}

	/** Lets go of everything; the last thing a process that ends by itself does. */
	leave(): void {
		try {
			this.#letGo();
		} finally {
			gates.closeBelow();
		}
	}

	#letGo(): void {
		for (const hook of this.#leaveHooks.splice(0)) hook();
		for (const offset of this.#blocks.keys()) this.heap.release(offset);
		if (this.#blocks.size > 0) this.#blocks.clear();
		this.participants.end(this.me);
		if (isMainThread()) removeIfLast(this.arena, this.participants);
	}

	#checkLayout(): void {
		const magic = this.arena.compareExchange(HEAD.magic, 0, LAYOUT_MAGIC);
		if (magic === 0) this.arena.store(HEAD.version, LAYOUT_VERSION);
		const version = this.arena.load(HEAD.version);
		if ((magic === 0 || magic === LAYOUT_MAGIC) && version === LAYOUT_VERSION) return;
		throw new ProcessError(
			`This process and its parent run different versions of polyproc (memory layout ${LAYOUT_VERSION} and ${version}). Install one version for both.`,
			{ code: 'ERR_MP_VERSION' },
		);
	}
}

const THREAD_KEY = 'polyproc.family';
let joined: Family | undefined;

afterFork((pid) => joined?.succeed(pid));

/** The family this thread has joined, if it has. */
export function joinedFamily(): Family | undefined {
	return joined;
}

/** This thread's family; joined, or founded, on the first call. */
export function family(): Family {
	joined ??= join();
	return joined;
}

function join(): Family {
	const inMain = isMainThread();
	const inherited = inMain ? inheritedFamily() : undefined;
	const fd = inMain ? inherited?.fd : (fromAbove(THREAD_KEY) as number | undefined);
	const segment = fd === undefined ? platform.createSegment(SEGMENT_BYTES) : platform.openSegment(fd);
	if (inMain) tellThreads(THREAD_KEY, segment.fd);
	gates.tellThreads();
	const made = new Family(segment, inherited?.participant ?? (inMain ? 'MainProcess' : `Thread-${threadId()}`));
	onFarewell(() => made.leave());
	renewEach();
	// A process says itself when it ends (process/exit.ts); what it has in memory alone ends with it, but threads have to be told.
	if (inMain) process.once('worker', needFarewell);
	else process.once('exit', () => made.leave());
	return made;
}
