/** Memory of a process that is going to be forked: each page that it has costs every fork, and every end of a child. */
import { bind } from '../ffi.ts';
import { mergeWhenFreed } from './allocator.ts';

const v8 = (): typeof import('node:v8') => process.getBuiltinModule('node:v8');

/** Bytes of objects in use up to which a complete garbage collection takes only some milliseconds. */
const SMALL: number = 32 * 2 ** 20;

/** From here on the space for young objects does not grow: what is made once is no sign of what will be made. */
export function stayLean(): void {
	v8().setFlagsFromString('--semi-space-growth-factor=1');
}

/** It may grow again; before that, what is not used any more goes back to the system. */
export function grow(): void {
	if (v8().getHeapStatistics().used_heap_size < SMALL) {
		const collect = collector();
		v8().setFlagsFromString('--compact-on-every-full-gc'); // what is used together comes to lie closer together
		collect();
		collect();
		v8().setFlagsFromString('--no-compact-on-every-full-gc');
	}
	giveBackFreed();
	mergeWhenFreed();
	v8().setFlagsFromString('--semi-space-growth-factor=2');
}

/** What C code has freed. */
function giveBackFreed(): void {
	try {
		bind<(pad: number) => number>('int malloc_trim(size_t pad)')(0);
	} catch {
		// not glibc: there is no such function
	}
}

/** A complete garbage collection, which Node has only for programs started with a flag. */
function collector(): () => void {
	v8().setFlagsFromString('--expose-gc');
	const collect = process.getBuiltinModule('node:vm').runInNewContext('gc') as () => void;
	v8().setFlagsFromString('--no-expose-gc');
	return collect;
}
