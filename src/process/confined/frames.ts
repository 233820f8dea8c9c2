/** What goes between a confined process and its broker; drawn in calls.ts. */
import { ProcessError } from '../../base/errors.ts';

/** In place of an object: the call of this number is called off. */
export const CANCEL = 0xffffffff;
/** In place of an object: the one that stands where the number of the call does is not used any more (`released`). */
export const RELEASE = 0xfffffffe;

/** Bytes of a request or of what is answered: what a broker has memory for. */
export const LONGEST: number = 256 * 1024 * 1024;
/** Calls are numbered from 1 to here, and then again. */
export const LAST_CALL = 0xffffffff;

const HEAD = 9;
/** Of an answer. */
export const ANSWER_HEAD = 5;

export interface Request {
	readonly call: number;
	readonly object: number;
	readonly name: string;
	readonly content: Buffer;
}

/** @throws ProcessError ERR_MP_FRAME if it is longer than a broker takes */
export function request(call: number, object: number, name: string, content: Uint8Array): Buffer {
	const text = Buffer.from(name);
	if (HEAD + text.length + content.length > LONGEST) throw tooLong(content.length);
	const bytes = Buffer.allocUnsafe(HEAD + text.length + content.length);
	bytes.writeUInt32BE(call);
	bytes.writeUInt32BE(object, 4);
	bytes[8] = text.length;
	bytes.set(text, HEAD);
	bytes.set(content, HEAD + text.length);
	return bytes;
}

/** In place of an object: several are waited for, whose ids are the first argument. */
export const WAIT = 0xfffffffd;

/** The content that goes with `RELEASE`: how many references to the object had come. */
export function released(references: number): Buffer {
	const bytes = Buffer.allocUnsafe(4);
	bytes.writeUInt32BE(references);
	return bytes;
}

/** The same as it is read; 0 if it is damaged. */
export function readReleased(content: Buffer): number {
	return content.length === 4 ? content.readUInt32BE() : 0;
}

/** `undefined`: that is no request. */
export function readRequest(bytes: Buffer): Request | undefined {
	if (bytes.length < HEAD || bytes.length < HEAD + bytes[8]!) return undefined;
	const end = HEAD + bytes[8]!;
	return {
		call: bytes.readUInt32BE(),
		object: bytes.readUInt32BE(4),
		name: bytes.toString('utf8', HEAD, end),
		content: bytes.subarray(end),
	};
}

export function answer(call: number, isThrown: boolean, content: Uint8Array): Buffer {
	const bytes = Buffer.allocUnsafe(ANSWER_HEAD + content.length);
	bytes.writeUInt32BE(call);
	bytes[4] = isThrown ? 1 : 0;
	bytes.set(content, ANSWER_HEAD);
	return bytes;
}

export function tooLong(length: number): ProcessError {
	return new ProcessError(
		`${length} bytes do not cross to or from a process with permissions, which may send and get ${LONGEST} at a time; pass them in parts.`,
		{ code: 'ERR_MP_FRAME' },
	);
}
