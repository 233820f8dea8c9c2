/** What goes between a confined process and its broker; drawn in calls.ts. */

/** In place of an object: the call of this number is called off. */
export const CANCEL = 0xffffffff;

const HEAD = 9;
/** Of an answer. */
export const ANSWER_HEAD = 5;

export interface Request {
	readonly call: number;
	readonly object: number;
	readonly name: string;
	readonly content: Buffer;
}

export function request(call: number, object: number, name: string, content: Uint8Array): Buffer {
	const text = Buffer.from(name);
	const bytes = Buffer.allocUnsafe(HEAD + text.length + content.length);
	bytes.writeUInt32BE(call);
	bytes.writeUInt32BE(object, 4);
	bytes[8] = text.length;
	bytes.set(text, HEAD);
	bytes.set(content, HEAD + text.length);
	return bytes;
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
