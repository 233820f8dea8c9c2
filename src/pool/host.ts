/** What a worker lives in: a process, or a thread. */
import type { Connection } from '../channel/connection.ts';
import type { ExitReason } from '../process/limits.ts';
import type { Claims } from './claims.ts';

/** How a worker ended: its exit code, negative for the signal that killed it. */
export type ExitCode = number;

/** A process or a thread in which a worker has been started. */
export interface Host {
	/** Of a thread, the thread's id. */
	readonly pid: number;
	/** The pool's end of the pipe. */
	readonly connection: Connection;
	readonly claims: Claims;
	/** Whether it can unpickle this: one that was forked while a module was being evaluated will never have that module. `undefined`: it can. */
	readonly understands: ((pickled: Uint8Array) => boolean) | undefined;
	/** The limit that has ended it, if one has. */
	readonly exitReason: ExitReason | null;
	/** Resolves when it has ended; keeps nothing alive. */
	readonly exited: Promise<ExitCode>;
	/** Asks it to end, or ends it, without waiting. */
	terminate(): void;
	/** Ends it, whatever it does. */
	kill(): void;
	/** Whether this process waits for its end. */
	hold(on: boolean): void;
}

/** Where workers come from. */
export interface Hiring {
	/** What workers are called, with their number. */
	readonly name: string;
	/** Starts one. Rejects if that cannot be done, and leaves nothing behind. */
	start(name: string): Promise<Host>;
	/** How an end is told in a message: `process 123 was killed by SIGKILL`. */
	readonly kind: 'process' | 'thread';
}
