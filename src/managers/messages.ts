/**
 * What a manager's server and its clients say to each other. A message is one frame or several, so that a thousand calls
 * made at once are a few messages; a frame is a header and, behind it, what was pickled.
 *
 *     0                4          8                16             20
 *     ├────────────────┼──────────┼────────────────┼──────────────┼───────────
 *     │ pickled bytes  │ kind     │ object (f64)   │ call (u32)   │ pickled …
 *
 * Everything is little-endian. `call` is the number of a call on its connection, by which its answer is known. A blocking
 * client has one call at a time and sends in its place how many frames it has sent on its other connection: those come
 * first.
 */

export const HEADER_BYTES = 20;

/** From a client. */
export const REQUEST = {
	/** `[key, kind, server]`: which client it is, what for, and whom it wants; the first frame of a connection to the listener. */
	hello: 1,
	/** `[...args, method]` */
	call: 2,
	/** `[...args, fn]`: the function is called with the referent. */
	update: 3,
	/** A copy of the referent. */
	copy: 4,
	/** `[...args, typeid]` */
	create: 5,
	/** The call of this number is not waited for any more. */
	cancel: 6,
	/** This client has a proxy of the object, from now on and until it says otherwise or ends. */
	attach: 7,
	detach: 8,
	/** A proxy of the object is on its way to somebody. */
	lend: 9,
	/** Which server it is. */
	who: 10,
	/** `[name]` of a segment that is to be removed in the end. */
	track: 11,
	/** It is to end. */
	shutdown: 12,
} as const;

/** From the server. */
export const ANSWER = {
	value: 32,
	/** The referent itself: the proxy that was called. */
	self: 33,
	/** What the referent threw (wire/remote-error.ts). */
	thrown: 34,
	/** The call was called off in time. */
	cancelled: 36,
} as const;

/** What comes of a frame's pickled part. */
export type Unpickled = { readonly value: unknown } | { readonly failure: unknown };

/** One frame, received. */
export interface Frame {
	readonly kind: number;
	readonly object: number;
	readonly call: number;
	/** Undefined: there was nothing behind the header. */
	readonly content: Unpickled | undefined;
}

/** What a frame's content is; throws what it could not be rebuilt for. */
export function valueOf({ content }: Frame): unknown {
	if (content === undefined) return undefined;
	if ('failure' in content) throw content.failure;
	return content.value;
}
