/**
 * Large buffers come and go with every large message. By default the C library maps fresh pages for each and gives them
 * back, and having a page cleared and mapped costs five times as much as copying into it. Told to keep up to 64 MiB of
 * freed memory, it hands out pages that are there already (mallopt(3)). Other C libraries than glibc have no such
 * setting; there nothing happens.
 */
import { native } from '../ffi.ts';

const M_MXFAST = 1;
const M_TRIM_THRESHOLD = -1;
const M_MMAP_THRESHOLD = -3;
/** The largest that glibc takes: larger blocks are always mapped afresh. */
const LARGEST_KEPT = 32 * 1024 ** 2;
const MOST_KEPT = 64 * 1024 ** 2;

const mallopt: (parameter: number, value: number) => number = native('int mallopt(int parameter, int value)');

function tune(parameter: number, value: number): void {
	try {
		mallopt(parameter, value);
	} catch {
		// not glibc: there is no such function
	}
}

let done = false;

export function keepFreedMemory(): void {
	if (done) return;
	done = true;
	tune(M_MMAP_THRESHOLD, LARGEST_KEPT);
	tune(M_TRIM_THRESHOLD, MOST_KEPT);
}

/**
 * From time to time glibc merges all small pieces that are free, all over its memory. In a forked child, that would be a copy
 * of most of it; so they are merged as they are freed (malloc's `fastbins` are not used; its caches of each thread are).
 */
export function mergeWhenFreed(): void {
	tune(M_MXFAST, 0);
}
