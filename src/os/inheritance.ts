/**
 * The child's side of `startChild`: what it was given, read with nothing but `fs`, because most children need nothing
 * else and loading the foreign-function library costs as much as a fifth of a start.
 *
 *     argv[2] = base        the number of the first descriptor of ours
 *     base                  the payload: its bytes, then the trailer
 *     base + 1 …            the descriptors chosen by the parent
 *     base + 1 + count      the lifeline
 *
 *     trailer               [0..3] pid of the parent, little-endian   [4] go byte
 *
 * The go byte turns from WAIT to GO when the parent has armed the lifeline. Until then the parent's death would go
 * unnoticed, so a child that finds itself adopted while it waits leaves at once.
 */
import { closeSync, fstatSync, readSync, writeSync } from 'node:fs';
import { leave } from './leave.ts';

const WAIT = 0;
const GO = 1;
const TRAILER_LENGTH = 5;
const GO_OFFSET = 4;
/** Milliseconds between two looks at the go byte. It is set before a new Node has even started, so rarely used. */
const GLANCE = 0.2;

/** What goes behind the payload's own bytes. `waits`: the child holds until `letGo`. */
export function trailer(parent: number, waits: boolean): Uint8Array {
	const bytes = Buffer.alloc(TRAILER_LENGTH);
	bytes.writeUInt32LE(parent);
	bytes[GO_OFFSET] = waits ? WAIT : GO;
	return bytes;
}

/** Tells the child that holds this payload, of `size` bytes with its trailer, to go on. */
export function letGo(fd: number, size: number): void {
	writeSync(fd, new Uint8Array([GO]), 0, 1, size - TRAILER_LENGTH + GO_OFFSET);
}

/** The payload without its trailer. Closes the descriptor. */
export function readPayload(fd: number): Buffer {
	const { size } = fstatSync(fd);
	const bytes = Buffer.allocUnsafeSlow(size);
	for (let position = 0; position < size; ) {
		position += readSync(fd, bytes, position, size - position, position);
	}
	const end = size - TRAILER_LENGTH;
	if (bytes[end + GO_OFFSET] !== GO) awaitGo(fd, end + GO_OFFSET, bytes.readUInt32LE(end));
	closeSync(fd);
	return bytes.subarray(0, end);
}

function awaitGo(fd: number, position: number, parent: number): void {
	const still = new Int32Array(new SharedArrayBuffer(4));
	const byte = new Uint8Array([WAIT]);
	while (byte[0] !== GO) {
		if (process.ppid !== parent) leave(1);
		Atomics.wait(still, 0, 0, GLANCE);
		readSync(fd, byte, 0, 1, position);
	}
}
