/** What threads of one process must know of each other. The only importer of `node:worker_threads` for that purpose. */
export {
	getEnvironmentData as fromMainThread,
	isMainThread,
	setEnvironmentData as tellThreads,
	threadId,
} from 'node:worker_threads';
