/** The parent's side of the payload. The child's side needs none of this, and does not load it. */
import { PicklingError } from '../base/errors.ts';
import { privateFields } from '../wire/class-facts.ts';
import { encode } from '../wire/codec.ts';
import type { Destination } from '../wire/handoff.ts';
import { directCall } from './direct-call.ts';
import { type Job, LENGTH_BYTES, type Preparation } from './payload.ts';

/** The parts, in order. The last one is valid until the next `encode`. */
export function encodePayload(identity: Omit<Preparation, 'call'>, job: Job, to: Destination): Uint8Array[] {
	const call = directCall(job);
	const head = encodePreparation({ ...identity, call });
	return call === null ? [...head, encodeJob(job, to)] : head;
}

export function encodePreparation(preparation: Preparation): Uint8Array[] {
	const text = Buffer.from(JSON.stringify(preparation));
	const length = Buffer.alloc(LENGTH_BYTES);
	length.writeUInt32LE(text.byteLength);
	return [length, text];
}

/** The constructor does not run in the child, so what only it can make would be missing there. */
function refusePrivate(subclass: { readonly name: string }): void {
	for (let own = subclass; own !== Function.prototype; own = Object.getPrototypeOf(own)) {
		const [name] = privateFields(own);
		if (name === undefined) continue;
		throw new PicklingError(
			`Cannot pickle ${name}: it is private to class ${own.name}, and would be missing in the child, where the constructor does not run. Make it an ordinary field or method, or create what it holds in run().`,
			name,
		);
	}
}

/** One pickle for everything, so that an object met twice is one object in the child too. Valid until the next `encode`. */
export function encodeJob(job: Job, to: Destination): Uint8Array {
	if (job.object !== undefined) refusePrivate(job.object.class);
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
