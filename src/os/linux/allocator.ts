/**
 * Large buffers come and go with every large message. By default the C library maps fresh pages for each and gives them
 * back, and having a page cleared and mapped costs five times as much as copying into it. Told to keep up to 64 MiB of
 * freed memory, it hands out pages that are there already (mallopt(3)). Other C libraries than glibc have no such
 * setting; there nothing happens.
 */
import { native } from '../ffi.ts';

const M_TRIM_THRESHOLD = -1;
const M_MMAP_THRESHOLD = -3;
/** The largest that glibc takes: larger blocks are always mapped afresh. */
const LARGEST_KEPT = 32 * 1024 ** 2;
const MOST_KEPT = 64 * 1024 ** 2;

const mallopt: (parameter: number, value: number) => number = native('int mallopt(int parameter, int value)');

let done = false;

export function keepFreedMemory(): void {
	if (done) return;
	done = true;
	try {
		mallopt(M_MMAP_THRESHOLD, LARGEST_KEPT);
		mallopt(M_TRIM_THRESHOLD, MOST_KEPT);
	} catch {
		// not glibc: there is no such function
	}
}
