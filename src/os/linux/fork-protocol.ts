/**
 * What a fork server and those who ask it say to each other.
 *
 *     request   magic (4) · key (32) · how many descriptors of ours (1) · detached (1) · limits: milliseconds of processor
 *               time (8) · open files (8) · priority (8), as floating-point numbers, NaN for none
 *               with it, by SCM_RIGHTS: payload, the descriptors, the lifeline, stdin, stdout, stderr
 *     answer    kind (4) · value (4), little-endian; of a refusal, `value` bytes of text follow
 *
 * The child itself answers HELLO with its pid, as soon as it can run what it was given; the server says EXIT with the
 * exit status when the child has ended. EXIT without HELLO is a child that did not live that long.
 */

export const MAGIC = 0x31667070; // "ppf1"
export const KEY_BYTES = 32;
const CPU_TIME: number = 4 + KEY_BYTES + 2;
const OPEN_FILES: number = CPU_TIME + 8;
const PRIORITY: number = OPEN_FILES + 8;
export const REQUEST_BYTES: number = PRIORITY + 8;
export const ANSWER_BYTES = 8;

export const ANSWER = { hello: 1, exit: 2, refused: 3, unfit: 4 } as const;

export interface Request {
	readonly key: Uint8Array;
	readonly descriptors: number;
	readonly detached: boolean;
	readonly cpuTime?: number | undefined;
	readonly openFiles?: number | undefined;
	readonly priority?: number | undefined;
}

export function encodeRequest({ key, descriptors, detached, cpuTime, openFiles, priority }: Request): Buffer {
	const bytes = Buffer.alloc(REQUEST_BYTES);
	bytes.writeUInt32LE(MAGIC);
	bytes.set(key, 4);
	bytes.set([descriptors, Number(detached)], 4 + KEY_BYTES);
	bytes.writeDoubleLE(cpuTime ?? Number.NaN, CPU_TIME);
	bytes.writeDoubleLE(openFiles ?? Number.NaN, OPEN_FILES);
	bytes.writeDoubleLE(priority ?? Number.NaN, PRIORITY);
	return bytes;
}

/** `undefined`: this is no request. */
export function decodeRequest(bytes: Buffer): Request | undefined {
	if (bytes.length !== REQUEST_BYTES || bytes.readUInt32LE() !== MAGIC) return undefined;
	return {
		key: bytes.subarray(4, 4 + KEY_BYTES),
		descriptors: bytes[4 + KEY_BYTES]!,
		detached: bytes[5 + KEY_BYTES] === 1,
		cpuTime: optional(bytes.readDoubleLE(CPU_TIME)),
		openFiles: optional(bytes.readDoubleLE(OPEN_FILES)),
		priority: optional(bytes.readDoubleLE(PRIORITY)),
	};
}

function optional(value: number): number | undefined {
	return Number.isNaN(value) ? undefined : value;
}

export function encodeAnswer(kind: number, value: number): Buffer {
	const bytes = Buffer.alloc(ANSWER_BYTES);
	bytes.writeInt32LE(kind);
	bytes.writeInt32LE(value, 4);
	return bytes;
}

export function encodeRefusal(kind: number, text: string): Buffer {
	const bytes = Buffer.from(text).subarray(0, 900);
	return Buffer.concat([encodeAnswer(kind, bytes.length), bytes]);
}
