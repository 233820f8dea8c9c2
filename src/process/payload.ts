/**
 * What comes down to a child: who it is, as JSON, and what it is to run, pickled. Both are made before anything is
 * started, so that a value that cannot travel rejects `start()` and leaves nothing behind.
 *
 *     [0..3] length of the JSON, little-endian   [4..] JSON: Preparation   [then] pickled Job
 */
import type { ThreadIdentity } from '../os/contract.ts';
import type { Logging, StartMethod } from './self.ts';

/** What a child needs to know before it can unpickle anything. */
export interface Preparation {
	readonly name: string;
	readonly lineage: readonly number[];
	readonly daemon: boolean;
	/** Hexadecimal. */
	readonly authkey: string;
	readonly startMethod: StartMethod;
	readonly logging: Logging;
	readonly parent: { readonly name: string; readonly identity: ThreadIdentity };
	/** `process.argv` without the executable. */
	readonly argv: readonly string[];
	/** Whether the first of `argv` is the program's file. */
	readonly hasMain: boolean;
	/** This child's place in the family, whose segment is the first descriptor. */
	readonly participant: number;
	readonly descriptors: number;
	/** It has no place in the family. Descriptors: none, or those to its broker (confined/calls.ts). */
	readonly confined: boolean;
	readonly restraint: Restraint;
	/** What a child that is not started with them takes over; `null` if it was. */
	/** `Surroundings` as JSON, which can be compared without being read. */
	readonly surroundings: string | null;
	/** What to run, if that needs no pickling; then no pickled job follows. */
	readonly call: DirectCall | null;
}

/** What only a process itself can do to itself. */
export interface Restraint {
	readonly noNewPrivileges: boolean;
	/** Of its descendants. */
	readonly adoptsOrphans: boolean;
}

/** What a process started in the usual way is given by the system. */
export interface Surroundings {
	readonly env: NodeJS.ProcessEnv;
	/** Instead of the environment there is, of which nothing is to be found. */
	readonly isOther: boolean;
	readonly cwd: string;
	readonly execArgv: readonly string[];
}

/** A call of a function that an ES module exports, with arguments that are the same as JSON. */
export interface DirectCall {
	/** Its URL. */
	readonly module: string;
	readonly path: readonly string[];
	readonly args: readonly unknown[];
}

/** What a child runs: a function, or the object of a subclass, whose constructor is not run again. */
export interface Job {
	readonly target?: ((...args: unknown[]) => unknown) | undefined;
	readonly args: readonly unknown[];
	/** Only for an object that is more than a plain `Process`. */
	readonly object?: { readonly class: new (...args: never[]) => object; readonly fields: Record<string, unknown> };
}

/** Of the JSON's length. */
export const LENGTH_BYTES: number = 4;

/** The child's side. */
export function splitPayload(payload: Buffer): { preparation: Preparation; job: Buffer } {
	const end = LENGTH_BYTES + payload.readUInt32LE();
	const preparation = JSON.parse(payload.toString('utf8', LENGTH_BYTES, end)) as Preparation;
	return { preparation, job: payload.subarray(end) };
}
