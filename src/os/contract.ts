/**
 * What an operating system must offer polyproc: the whole list, in prose and types. Everything above `os/` is written
 * against this file and must not know which system it runs on; `os/platform.ts` picks the implementation.
 *
 * An implementation is one object per thread, made lazily: nothing is loaded or created before the first call, because
 * a program that imports polyproc and starts nothing must not pay for it.
 *
 * The promises, in words:
 *
 * - **Segments** are memory shared by a whole family of processes (a program and all its descendants). They have no
 *   name: they are reached through a descriptor that children inherit, and they are gone with the last process,
 *   however it ends. Pages never touched cost nothing; fresh pages read as zeros.
 * - **Named segments** are what programs in other languages share memory by, where the system has such a thing (POSIX:
 *   `shm_open`). A new one appears whole. Its id is the memory's, not the name's: a later one of the same name has
 *   another. They outlive processes; `watchOver` has some of them removed when the last process of the family is gone,
 *   also when all were killed at once.
 * - **Park/unpark** sleeps a thread until a 32-bit word of a segment is changed and woken by any process. A word that
 *   no longer has the expected value returns at once; a spurious wake-up is allowed; a lost one is not.
 * - **The doorbell** wakes an event loop. Each thread has one; any thread of the family can ring it knowing only the
 *   pid and the number the owner published. A ring at a thread that is gone is not an error.
 * - **A child** is started with a payload, chosen descriptors and nothing else of ours. When its parent dies, however it
 *   dies, the child is killed by the system itself, even in the middle of a busy loop, unless it is detached. A child
 *   that watches its parent (`ParentWatch`) is told instead, and killed a grace period later.
 * - **Exit watch**: the end of a child can be waited for by a blocked thread as well as by the event loop, and both see
 *   the same exit status. No zombie is left.
 * - **Fork**: where the system has it, a running program can be copied, and a server can be kept that is copied on demand.
 *   The copy runs nothing of what the original had going: no timer, no server, no callback. It has its own pid, random
 *   numbers and standard streams, and everything that is kept per process is renewed (`base/after-fork.ts`).
 * - **Stream sockets** connect programs that share nothing, on one machine or on several. They are descriptors: every call
 *   takes what the system has at that moment and returns, and there is one way to wait for more, in the event loop or
 *   blocking. They can be handed over like any other descriptor; what nobody has taken stays with the system.
 * - **Liveness** tells for certain whether the thread recorded as (pid, thread id, start time) still lives. A recycled
 *   pid is not mistaken, a zombie is dead.
 */
import type { ForkServerAddress, ServeOptions, Service } from './fork-contract.ts';

/** Memory shared by the family. Offsets and lengths in bytes. */
export interface Segment {
	/** Inheritable through a child's `descriptors`. */
	readonly fd: number;
	readonly size: number;
	/** Address of the first byte in this process. */
	readonly address: number;
	/** A window on the shared bytes, no copy. Each call costs microseconds: keep what it returns. */
	view(offset: number, length: number): ArrayBuffer;
	/** Gives pages back to the system; they read as zeros afterwards. Page-aligned. */
	discard(offset: number, length: number): void;
}

/** Shared memory with a name, mapped into this process. */
export interface NamedSegment {
	/** Never 0. */
	readonly id: bigint;
	/** In bytes. */
	readonly size: number;
	/** A window on all of it, no copy. The pages stay mapped for as long as anybody has it. */
	view(): ArrayBuffer;
	/** Lets go of the memory. Windows that were given out read zeros from now on, and reach nobody. */
	cutOff(): void;
}

/** Who a thread is, so that it can be told from a later one with the same number. All zero: nobody. */
export interface ThreadIdentity {
	readonly pid: number;
	readonly tid: number;
	/** When the thread started, in the system's own ticks since boot. */
	readonly startTime: number;
}

/** Wakes this thread's event loop from any process. */
export interface Doorbell {
	/** What a ringer must know besides the pid. */
	readonly number: number;
	/** An integer that a blocked thread can wait for; ready when it was rung and the event loop has not heard it. */
	readonly sentinel: number;
	/** Forgets that it was rung: the thread has noticed without its event loop. */
	silence(): void;
	/** While on, the doorbell keeps the event loop alive. */
	hold(on: boolean): void;
	close(): void;
}

export type ParkResult = 'woken' | 'changed' | 'timeout';

/** How a child ended, as `Process.exitCode`: 0…255, or −N when killed by signal N. */
export type ExitCode = number;

export interface ChildOptions {
	readonly file: string;
	readonly args: readonly string[];
	readonly env: NodeJS.ProcessEnv;
	readonly cwd?: string | URL | undefined;
	/** As in `child_process.spawn`. */
	readonly stdio: readonly ChildStdio[];
	/** What the child reads first (`os/inheritance.ts`); its descriptor comes right behind the last of `stdio`. */
	readonly payload: readonly Uint8Array[];
	/** Ours: given to the child behind the payload, in this order. The lifeline comes behind the last. */
	readonly descriptors: readonly number[];
	/** Not killed when this process dies. */
	readonly detached: boolean;
	readonly confinement?: Confinement | undefined;
}

/** What a child is held to, from before it runs anything. */
export interface Confinement {
	/** Bytes; the system refuses what is far more. Of a forked child: more than it has then. */
	readonly memory?: number | undefined;
	/** Milliseconds of processor time; the system ends it at the next whole second. */
	readonly cpuTime?: number | undefined;
	/** Descriptors at a time. */
	readonly openFiles?: number | undefined;
	/** From −20, the first to run, to 19, the last. */
	readonly priority?: number | undefined;
	readonly uid?: number | undefined;
	readonly gid?: number | undefined;
}

/** What a process uses. */
export interface Usage {
	/** Bytes of its own: neither shared nor a file's. */
	readonly memory: number;
	/** Milliseconds of processor time, children that it has waited for included. */
	readonly cpuTime: number;
}

/** What is known of a process's descendants that the system does not tell. */
export interface Kin {
	/** Those that a fork server has made for it. */
	servedFor(pid: number): readonly ThreadIdentity[];
	/** Further ones, whose parents may be gone. */
	readonly orphans: readonly ThreadIdentity[];
}

/** A child that is a copy of another process: what a fork can be given. */
export interface ForkedOptions {
	/** Exactly three entries. */
	readonly stdio: readonly ChildStdio[];
	/** A `payloadFile`. Stays open. */
	readonly payload: number;
	readonly descriptors: readonly number[];
	readonly detached: boolean;
	/** A fork server knows only of processor time, open files and priority. */
	readonly confinement?: Confinement | undefined;
}

/** Where a stream socket is: on a network, or on this machine under a path; one that begins with NUL is in no file system. */
export type SocketAddress = { readonly host: string; readonly port: number } | { readonly path: string };

/** What a descriptor can be ready for. */
export type Direction = 'readable' | 'writable';

/** A connection that was accepted, and where it comes from; a client on this machine has no address of its own (`''`). */
export interface Accepted {
	readonly fd: number;
	readonly from: SocketAddress;
}

/** A wait of the event loop for one descriptor. */
export interface DescriptorWatch {
	/** While on, it keeps the event loop alive. */
	hold(on: boolean): void;
	close(): void;
}

/** What asking a fork server came to, if not to a child. */
export type NoChild =
	/** Nobody listens at that address, or not any more. */
	| { readonly why: 'gone' }
	/** A child was forked and did not live to say so. */
	| { readonly why: 'stillborn' }
	/** The server says why: it will not for this request, or (`unfit`) cannot for any. */
	| { readonly why: 'refused' | 'unfit'; readonly text: string };

/** One entry of `stdio`, as in `child_process.spawn` (without `'ipc'`). */
export type ChildStdio = 'pipe' | 'overlapped' | 'ignore' | 'inherit' | number | object | null | undefined;

/** A started child as the system sees it. */
export interface Child {
	readonly pid: number;
	/** Its main thread. */
	readonly identity: ThreadIdentity;
	/** An integer that a blocked thread can wait for; ready once the child has ended. Stays open until `close`. */
	readonly sentinel: number;
	/** Bytes of memory that it began with because it is a copy of this process. */
	readonly copiedMemory: number;
	/** Streams for the `'pipe'` entries of `stdio`. */
	readonly stdio: readonly unknown[];
	/** How it ended, as far as this thread has been told; `null` before. */
	readonly exitCode: ExitCode | null;
	/** Resolves when the child has ended and is reaped. Pending, it keeps the event loop alive only between `ref` and `unref`. */
	readonly exited: Promise<ExitCode>;
	/** Calls back as soon as this thread knows that the child has ended, by whatever way it learns of it. */
	whenEnded(callback: () => void): void;
	/** Blocks up to `timeout` ms; `null` if the child is still running. Does not need the event loop. */
	waitSync(timeout: number): ExitCode | null;
	kill(signal: NodeJS.Signals): void;
	/** The same for it and all its descendants; none of them can escape by starting another one meanwhile. */
	killTree(signal: NodeJS.Signals, kin: Kin): void;
	ref(): void;
	unref(): void;
	/** Takes the ended child off the system's list. Only while this process ends: the event loop will not do it any more. */
	bury(): void;
	/** Releases the sentinel. */
	close(): void;
}

/** The child's view of its parent. Until the first use of anything but `alive`, the parent's death kills this process. */
export interface ParentWatch {
	/** Resolves when the parent is gone. Pending, it keeps the event loop alive only between `ref` and `unref`. */
	readonly gone: Promise<void>;
	/** Ready once the parent is gone. */
	readonly sentinel: number;
	/** Blocks up to `timeout` ms; whether the parent is gone. */
	waitSync(timeout: number): boolean;
	ref(): void;
	unref(): void;
}

/** How it goes on when a process has copied itself. */
export interface Branches {
	/** In the parent, before anything else: who the child is. */
	inParent(child: ThreadIdentity): void;
	inChild(lifeline: number): void;
}

export interface Platform {
	// --- segments ---
	/** A new unnamed segment. `size` is address space, not memory. */
	createSegment(size: number): Segment;
	/** Maps a segment inherited from the family. */
	openSegment(fd: number): Segment;
	/** An unnamed file holding `bytes`, read position at the start; what a child's arguments come down in. */
	anonymousFile(bytes: Uint8Array): number;

	/** Large buffers are going to be allocated again and again: keep some of the memory that is freed. Cheap to repeat. */
	keepFreedMemory(): void;

	// --- named segments: errors with the system's `errno` or `code` ---
	/** Bytes that a name may have. */
	readonly longestName: number;
	/** `EEXIST` if there is one of the name. `announce` is called with its id before it can be seen. */
	createNamed(name: string, size: number, announce: (id: bigint) => void): NamedSegment;
	/** `ENOENT` if there is none of the name; `ENODATA` if it has no size yet. */
	openNamed(name: string): NamedSegment;
	/** Takes a name away from the segment that has it; `ENOENT` if none has. */
	removeNamed(name: string): void;
	/** Removes those of the segments that still have a name; the names. */
	removeNamedById(ids: ReadonlySet<bigint>): string[];
	/**
	 * Sees to it that when no process holds `segment` any more, the named segments are removed whose ids stand in its
	 * bytes from `offset` on, 64 bits each, 0 for none. `known` is what an earlier call returned, in any process of the
	 * family, or 0: if that one is still there, nothing is done. Returns who watches, as any number but 0, or 0 if it failed and is worth another try.
	 */
	watchOver(segment: Segment, offset: number, length: number, known: number): number;

	// --- sleeping and waking ---
	/** Sleeps while the word at `address` is `expected`, at most `timeout` ms (`Infinity`: for ever). */
	park(address: number, expected: number, timeout: number): ParkResult;
	/** Wakes up to `count` threads parked at `address`; returns how many. */
	unpark(address: number, count: number): number;
	/** Gives the processor to another thread. */
	yield(): void;
	openDoorbell(onRing: () => void): Doorbell;
	ringDoorbell(pid: number, number: number): void;
	/** Releases what ringing the threads of a process that has ended has kept open. */
	forgetDoorbells(pid: number): void;

	// --- processes ---
	self(): ThreadIdentity;
	isAlive(thread: ThreadIdentity): boolean;
	/** `null`: there is no such process, or as good as none. */
	usageOf(pid: number): Usage | null;
	/** The pid that was given to a process or thread last: as long as it is the same, none has begun. `null`: unknown. */
	newestPid(): number | null;
	/** A process that runs and its descendants that do, itself first. */
	treeOf(pid: number, kin: Kin): ThreadIdentity[];
	/** SIGKILL for a process, if it is still the one that is meant, and its descendants. */
	killDescendant(process: ThreadIdentity, kin: Kin): void;
	/** How often the system has killed a process because memory was short, of the group of processes this one is in. */
	memoryKills(): number;
	/** @throws ProcessError if a child of this process cannot be of that user and group. */
	assertMayBecome(name: string, confinement: Confinement): void;
	/** From now on nothing this process starts gets more rights than it has. Not to be undone. */
	renouncePrivileges(): void;
	/** From now on descendants whose parents have ended are this process's children. */
	adoptOrphans(): void;
	/** In a forked child: the system shows nothing of the environment it was started with. All variables have been set since. */
	wipeEnvironmentBlock(): void;
	/** Starts a child; once this resolves it needs nothing more from this thread. Rejects with the system's own error. */
	startChild(options: ChildOptions): Promise<Child>;
	/** Whether this process seems to have threads other than this one; they would not exist in a copy. */
	hasThreads(): boolean;
	/** How much is under way that a copy would do too, or that holds what a copy needs; it is over soon, or never. */
	underWay(): number;
	/** Whether this program was started with them. */
	canFork(): boolean;
	/** To be awaited before this process is copied for the first time. */
	prepareToFork(): Promise<void>;
	/**
	 * Copies this process. `null` in the copy, where `inChild` is called: at once, or, if something has to be closed first, a
	 * turn of the event loop later. To be called from an immediate, `running`, with nothing on the stack that must not go on
	 * in both.
	 */
	forkSelf(
		options: Omit<ForkedOptions, 'payload' | 'descriptors'>,
		running: NodeJS.Immediate,
		branches: Branches,
	): Promise<Child | NoChild> | null;
	/** Begins to listen as a fork server, which is still to be started with the descriptor, and may be asked from now on. */
	listenForForks(): { readonly listener: number; readonly address: ForkServerAddress };
	/**
	 * Is a fork server until nobody is left who has asked it, and the process with pid `client` has ended; then ends this
	 * process. To be called from an immediate, `running`.
	 */
	serveForks(options: ServeOptions, running: NodeJS.Immediate, service: Service): void;
	/** Has a fork server make a child. */
	startServedChild(options: ForkedOptions, address: ForkServerAddress): Promise<Child | NoChild>;
	/**
	 * In a forked child: Node must not find out by itself that there is nothing left to do. Keeps the event loop running and
	 * calls back while nothing else does, the first one now and then, the second in every turn (`again`: one after another).
	 */
	lookForIdleness(onIdle: (isStillIdle: () => boolean) => void): () => void;
	watchForIdleness(onIdle: (again: boolean) => void): void;
	/** The same as a question, to be asked from an immediate. */
	isIdleNow(): boolean;
	/** In a child: `lifeline` is the descriptor number that `startChild` put behind `descriptors`; killed `grace` ms after the end. */
	watchParent(lifeline: number, grace: number): ParentWatch;
	/** Waits until one of the sentinels is ready; indices of those that are. Blocks the thread. */
	waitSentinels(sentinels: readonly number[], timeout: number): number[];
	/**
	 * Calls back, again and again, while `fd` can be read or has hung up, whoever else reads it; it may be closed meanwhile.
	 * Keeps the event loop alive, and the file open, until the returned function is called. Over in a forked child.
	 */
	watchDescriptor(fd: number, onReady: () => void): () => void;
	/** Another descriptor of this process for the same open file, not inherited by children. */
	duplicate(fd: number): number;
	/** A file without a name for a forked child to read first (`os/inheritance.ts`). */
	payloadFile(parts: readonly Uint8Array[]): number;
	/** Closes what `duplicate` gave. (Node's `fs` has not opened it, and warns of that in worker threads.) */
	closeDescriptor(fd: number): void;
	/** A descriptor of this process for the open file that `fd` is in process `pid`. */
	duplicateFrom(pid: number, fd: number): number;
	// --- stream sockets: errors with the system's `errno` ---
	/** Bytes that the path of a socket may have. */
	readonly longestSocketPath: number;
	/** Begins to listen; the path must not be there. `host` is a numeric IPv4 address. Port 0 is any free one. */
	listenAt(address: SocketAddress, backlog: number): { readonly fd: number; readonly address: SocketAddress };
	/** The next connection, if there is one. */
	acceptFrom(listener: number): Accepted | undefined;
	/** Whether whoever is at the other end of a socket of this machine is of this process's user, or the superuser. */
	isOwnUser(fd: number): boolean;
	/** Begins to connect: writable when that is over. `undefined`: too many wait there, try again later. */
	connectTo(address: SocketAddress): number | undefined;
	/** Throws the reason if connecting has failed. */
	checkConnected(fd: number): void;
	/** Two stream sockets that are connected to each other. */
	socketPair(): [number, number];
	/** Moves what has arrived into `into`, which is not empty; how many bytes. 0: none will ever come. `undefined`: none now. */
	receive(fd: number, into: Uint8Array): number | undefined;
	/** Gives bytes to the system; how many it took. 0: no room now. `undefined`: nobody is there to receive. */
	transmit(fd: number, bytes: Uint8Array): number | undefined;
	/** Blocks until the descriptor is ready or hung up, at most `timeout` ms. */
	waitReady(fd: number, direction: Direction, timeout: number): boolean;
	/** Calls back once, in the event loop, when the descriptor may be ready. To be closed before the descriptor is. */
	whenReady(fd: number, direction: Direction, onReady: () => void): DescriptorWatch;
	/** Calls back again and again while there is something to accept. */
	watchListener(fd: number, onReady: () => void): DescriptorWatch;
	/** Usable processors: affinity- and quota-aware, at least 1. */
	cpuCount(): number;
}
