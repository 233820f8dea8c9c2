/**
 * What a fork server and those who ask it say to each other.
 *
 *     request   magic (4) · key (32) · how many descriptors of ours (1) · detached (1)
 *               with it, by SCM_RIGHTS: payload, the descriptors, the lifeline, stdin, stdout, stderr
 *     answer    kind (4) · value (4), little-endian; of a refusal, `value` bytes of text follow
 *
 * The child itself answers HELLO with its pid, as soon as it can run what it was given; the server says EXIT with the
 * exit status when the child has ended. EXIT without HELLO is a child that did not live that long.
 */

export const MAGIC = 0x31667070; // "ppf1"
export const KEY_BYTES = 32;
export const REQUEST_BYTES: number = 4 + KEY_BYTES + 2;
export const ANSWER_BYTES = 8;

export const ANSWER = { hello: 1, exit: 2, refused: 3, unfit: 4 } as const;

export interface Request {
	readonly key: Uint8Array;
	readonly descriptors: number;
	readonly detached: boolean;
}

export function encodeRequest({ key, descriptors, detached }: Request): Buffer {
	const bytes = Buffer.alloc(REQUEST_BYTES);
	bytes.writeUInt32LE(MAGIC);
	bytes.set(key, 4);
	bytes.set([descriptors, Number(detached)], 4 + KEY_BYTES);
	return bytes;
}

/** `undefined`: this is no request. */
export function decodeRequest(bytes: Buffer): Request | undefined {
	if (bytes.length !== REQUEST_BYTES || bytes.readUInt32LE() !== MAGIC) return undefined;
	return {
		key: bytes.subarray(4, 4 + KEY_BYTES),
		descriptors: bytes[4 + KEY_BYTES]!,
		detached: bytes[5 + KEY_BYTES] === 1,
	};
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
