/**
 * Being told of the parent's death instead of dying with it. The lifeline is disarmed, and a thread of its own looks
 * after it from then on: when the pipe has hung up it says so, and a grace period later it kills this process, which
 * may be stuck in a loop. It looks every few milliseconds rather than blocking in `read`, because a thread blocked in the
 * kernel cannot be ended and would hold up the end of this process.
 */
import type { Worker } from 'node:worker_threads';
import type { ParentWatch } from '../contract.ts';
import { disarmLifeline } from './lifeline.ts';
import { waitSentinels } from './poll.ts';

const WATCHER = `
const { readSync } = require('node:fs');
const { parentPort, workerData } = require('node:worker_threads');
const still = new Int32Array(new SharedArrayBuffer(4));
const hungUp = () => {
	try { return readSync(workerData.lifeline, new Uint8Array(1)) === 0; }
	catch (error) { return error.code !== 'EAGAIN'; }
};
while (!hungUp()) Atomics.wait(still, 0, 0, 20);
parentPort.postMessage('gone');
Atomics.wait(still, 0, 0, workerData.grace);
process.kill(process.pid, 'SIGKILL');
`;

class LifelineWatch implements ParentWatch {
	readonly gone: Promise<void>;
	readonly sentinel: number;
	readonly #watcher: Worker;

	constructor(lifeline: number, grace: number) {
		disarmLifeline(lifeline);
		this.sentinel = lifeline;
		const threads = process.getBuiltinModule('node:worker_threads');
		this.#watcher = new threads.Worker(WATCHER, {
			eval: true,
			execArgv: [],
			env: {},
			workerData: { lifeline, grace },
		});
		this.gone = new Promise((resolve) => {
			this.#watcher.once('message', () => resolve());
		});
		this.#watcher.unref(); // last: a listener for messages holds the event loop again
	}

	waitSync(timeout: number): boolean {
		return waitSentinels([this.sentinel], timeout).length > 0;
	}

	ref(): void {
		this.#watcher.ref();
	}

	unref(): void {
		this.#watcher.unref();
	}
}

export function watchParent(lifeline: number, grace: number): ParentWatch {
	return new LifelineWatch(lifeline, grace);
}
