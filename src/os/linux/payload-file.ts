/** What a child is to read first, as a file without a name (`os/inheritance.ts`). */
import { writeSync } from 'node:fs';
import { trailer } from '../inheritance.ts';
import { anonymousFile } from './segment.ts';

export interface PayloadFile {
	readonly fd: number;
	readonly size: number;
}

/** The payload as a file: all parts, then the trailer. */
export function payloadFile(parts: readonly Uint8Array[], waits: boolean): PayloadFile {
	const fd = anonymousFile(new Uint8Array(0));
	let size = 0;
	for (const part of [...parts, trailer(process.pid, waits)]) {
		for (let written = 0; written < part.byteLength; ) {
			written += writeSync(fd, part, written, part.byteLength - written, size + written);
		}
		size += part.byteLength;
	}
	return { fd, size };
}
