/**
 * Being told by the event loop that a descriptor is ready, whatever it is a descriptor of: libuv's poll handles. They
 * belong to the process that made them, so a forked child closes those it has inherited.
 */
import type { node } from 'koffi';
import { afterFork } from '../../base/after-fork.ts';
import type { DescriptorWatch } from '../contract.ts';
import { ffi } from '../ffi.ts';

const open = new Set<node.PollHandle>();

afterFork(() => {
	for (const handle of open) handle.close();
	open.clear();
});

/** Calls back, again and again, while `fd` can be read or has hung up. At first it keeps the event loop alive. */
export function watch(fd: number, onReady: () => void): DescriptorWatch {
	let called = false;
	// Called by libuv, and not by Node: promises that are settled here would wait for whatever Node calls next.
	const handle = ffi().node.poll(fd, { readable: true, disconnect: true }, () => {
		if (called) return;
		called = true;
		setImmediate(() => {
			called = false;
			if (open.has(handle)) onReady();
		});
	});
	open.add(handle);
	return {
		hold(on): void {
			if (!open.has(handle)) return;
			if (on) handle.ref();
			else handle.unref();
		},
		close(): void {
			if (open.delete(handle)) handle.close();
		},
	};
}
