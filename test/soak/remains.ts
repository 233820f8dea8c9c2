/** What a family that was killed may have left: processes, by a mark in their environment, and names of ours. */
import { readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';

function read(file: string): string {
	try {
		return readFileSync(file, 'latin1');
	} catch {
		return ''; // it has just gone
	}
}

/** Pids of running processes whose environment contains the mark. */
export function runningWith(mark: string): number[] {
	const pids = readdirSync('/proc').map(Number).filter(Number.isInteger);
	return pids.filter((pid) => {
		const isOurs = read(`/proc/${pid}/environ`).split('\0').includes(mark);
		return isOurs && !/\) [ZX] /.test(read(`/proc/${pid}/stat`));
	});
}

/** Names in shared memory and the temporary folder that polyproc might have made. */
export function ours(): string[] {
	const isOurs = (name: string): boolean => /polyproc|^psm_/.test(name);
	return [...readdirSync('/dev/shm').filter(isOurs), ...readdirSync(tmpdir()).filter(isOurs)];
}
