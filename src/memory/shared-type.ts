/**
 * What a shared value can be of: something with a size and an alignment in bytes that is read and written in place.
 * Scalars are in scalar.ts, records of them in struct.ts. Values are in the byte order of the machine, aligned as C
 * would, so that typed arrays and other languages see the same.
 */
import type { Extent } from './extent.ts';

/** `Read` is what reading gives, `Written` what may be written. */
export abstract class SharedType<Read = unknown, Written = Read> {
	/** Bytes of one. */
	abstract readonly size: number;
	/** In C: its address is a multiple of this. */
	abstract readonly alignment: number;
	abstract read(extent: Extent, offset: number): Read;
	/** Checks, then writes. `what` is for the error: what is being written to. */
	abstract write(extent: Extent, offset: number, value: Written, what: string): void;
	/** A typed array over `count` of them. */
	abstract cells(buffer: ArrayBuffer, offset: number, count: number): ArrayBufferView;
	/** For people. */
	abstract toString(): string;
}
