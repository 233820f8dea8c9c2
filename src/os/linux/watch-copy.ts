/**
 * Being told that a descriptor can be read which the event loop looks after already, for a socket of Node's: libuv takes
 * each only once, so it is given a copy. The copy keeps the connection open, and must not outlive the wait.
 */
import { afterFork } from '../../base/after-fork.ts';
import { duplicate } from './foreign-descriptor.ts';
import { closeDescriptor } from './kernel.ts';
import { watch } from './watch.ts';

/** In a forked child they are the parent's; `watch` has let go of them by then. */
const copies = new Set<number>();

afterFork(
	() => {
		for (const copy of copies) closeDescriptor(copy);
		copies.clear();
	},
	() => copies.size > 0,
);

export function watchDescriptor(fd: number, onReady: () => void): () => void {
	const copy = duplicate(fd);
	copies.add(copy);
	const close = (): void => {
		if (copies.delete(copy)) closeDescriptor(copy);
	};
	try {
		const watching = watch(copy, onReady);
		return () => {
			watching.close();
			close();
		};
	} catch (error) {
		close();
		throw error;
	}
}
