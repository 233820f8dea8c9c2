/** What a thread begins with: it takes over what it was given, says so, and runs it. */
import { parentPort, workerData } from 'node:worker_threads';
import { decodeAsync } from '../../wire/codec.ts';
import type { Job } from '../payload.ts';
import { self } from '../self.ts';
import { THREAD, type ThreadOrders } from '../thread-launcher.ts';
import { LoadingScope } from './loading-scope.ts';

const { name, job } = workerData as ThreadOrders;
const scope = new LoadingScope();

self.name = name;
self.whileLoading = async (load) => {
	self.phase = 'loading';
	try {
		return await scope.run(load);
	} finally {
		await scope.settle();
		self.phase = 'running';
	}
};

async function run(): Promise<void> {
	const { target, args } = (await self.whileLoading(() => decodeAsync(job))) as Job;
	parentPort?.on('message', (said) => {
		if (said === THREAD.end) process.exit();
	});
	parentPort?.unref();
	parentPort?.postMessage(THREAD.hasArguments);
	const ended = target?.(...args);
	setImmediate(() => parentPort?.postMessage(THREAD.runs)).unref();
	await ended;
}

void run();
