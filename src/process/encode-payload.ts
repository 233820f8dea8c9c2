/** The parent's side of the payload. The child's side needs none of this, and does not load it. */
import { PicklingError } from '../base/errors.ts';
import { encode } from '../wire/codec.ts';
import type { Destination } from '../wire/handoff.ts';
import { type Job, LENGTH_BYTES, type Preparation } from './payload.ts';

/** The parts, in order. The last one is valid until the next `encode`. */
export function encodePayload(preparation: Preparation, job: Job, to: Destination): Uint8Array[] {
	const text = Buffer.from(JSON.stringify(preparation));
	const length = Buffer.alloc(LENGTH_BYTES);
	length.writeUInt32LE(text.byteLength);
	return [length, text, encodeJob(job, to)];
}

/** One pickle for everything, so that an object met twice is one object in the child too. */
function encodeJob(job: Job, to: Destination): Uint8Array {
	try {
		return encode(job, { root: '', to });
	} catch (error) {
		throw error instanceof PicklingError ? userPath(error) : error;
	}
}

/** Names the value as the user knows it: `args[0]`, `target`, or a field of the subclass. */
function userPath(error: PicklingError): PicklingError {
	const path = error.path
		.replace(/^\./, '')
		.replace(/^object\.fields\.?/, '')
		.replace(/^object\.class/, 'class');
	const message = error.message.replace(error.path, path);
	return new PicklingError(message, path, { cause: error.cause });
}
