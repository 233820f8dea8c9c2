/** Being told by the event loop that a descriptor can be read, whatever it is a descriptor of. */
import { realTimers } from '../../base/timers.ts';
import type { DescriptorWatch } from '../contract.ts';
import { PollHandle } from './poll-handles.ts';

const { setImmediate } = realTimers;

/** Calls back, again and again, while `fd` can be read or has hung up. At first it keeps the event loop alive. */
export function watch(fd: number, onReady: () => void): DescriptorWatch {
	let called = false;
	// Called by libuv, and not by Node: promises that are settled here would wait for whatever Node calls next.
	const handle = new PollHandle(fd, { readable: true, writable: false }, () => {
		if (called) return;
		called = true;
		setImmediate(() => {
			called = false;
			if (handle.isOpen) onReady();
		});
	});
	return handle;
}
