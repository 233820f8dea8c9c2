/** The parent's side of the payload. The child's side needs none of this, and does not load it. */
import { PicklingError } from '../base/errors.ts';
import { privateFields } from '../wire/class-facts.ts';
import { encode } from '../wire/codec.ts';
import type { Destination } from '../wire/handoff.ts';
import { directCall } from './direct-call.ts';
import { type DirectCall, type Job, LENGTH_BYTES, type Preparation } from './payload.ts';

/** What a child is to run, ready to be sent: pickled, valid until the next `encode`, or a call that needs no pickling. */
export type SentJob = { readonly pickled: Uint8Array } | { readonly call: DirectCall };

/** The parts, in order. The last one is valid until the next `encode`. */
export function encodePayload(identity: Omit<Preparation, 'call'>, job: Job, to: Destination): Uint8Array[] {
	return payloadOf(identity, sentJob(job, to));
}

/** @throws PicklingError naming what cannot travel */
export function sentJob(job: Job, to: Destination): SentJob {
	if (job.object !== undefined) refusePrivate(job.object.class);
	const call = directCall(job);
	return call === null ? { pickled: encodeJob(job, to) } : { call };
}

export function payloadOf(identity: Omit<Preparation, 'call'>, job: SentJob): Uint8Array[] {
	const preparation: Preparation = { ...identity, call: 'call' in job ? job.call : null };
	const text = Buffer.from(JSON.stringify(preparation));
	const length = Buffer.alloc(LENGTH_BYTES);
	length.writeUInt32LE(text.byteLength);
	return 'call' in job ? [length, text] : [length, text, job.pickled];
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
