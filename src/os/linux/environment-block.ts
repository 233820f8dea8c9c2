/**
 * What the kernel shows of a process's environment (/proc/PID/environ) is where it was put when the program began, on the
 * stack. A forked child has a copy of that, whatever it has been given instead.
 */
import { readFileSync } from 'node:fs';
import { native } from '../ffi.ts';

/** Fields of /proc/PID/stat behind the name: where the block begins and ends. */
const START = 47;
const END = 48;

const memset: (address: number, byte: number, length: number) => number = native(
	'size_t memset(size_t address, int byte, size_t length)',
);

/** Wipes it. All variables that are to stay must have been set since, which puts them elsewhere. */
export function wipeEnvironmentBlock(): void {
	const stat = readFileSync('/proc/self/stat', 'latin1');
	const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
	const [start, end] = [Number(fields[START]), Number(fields[END])];
	if (end > start) memset(start, 0, end - start);
}
