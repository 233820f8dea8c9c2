// The worker of 11-job-server.ts: a program of its own, on whichever host. It knows what the queues are called, where their
// server is and the key, takes jobs until there are no more, and puts what comes out.
import { BaseManager, type Queue, type Remote } from 'polyproc';
import type { Job, Result } from './11-job-server.ts';

class JobManager extends BaseManager {
	declare jobs: () => Promise<Remote<Pick<Queue<Job | null>, 'get'>>>;
	declare results: () => Promise<Remote<Pick<Queue<Result>, 'put'>>>;
}
// Only the names: how the queues are made is the server's affair.
JobManager.register('jobs');
JobManager.register('results');

const [worker = '', port] = process.argv.slice(2);
const authkey = Buffer.from(process.env.JOB_KEY ?? '', 'hex');
const manager = new JobManager({ address: ['127.0.0.1', Number(port)], authkey });
await manager.connect();

const [jobs, results] = [await manager.jobs(), await manager.results()];
for (let job = await jobs.get(); job !== null; job = await jobs.get()) {
	const reversed = [...job.text].reverse().join('');
	await results.put({ id: job.id, worker, reversed });
}
console.log(`worker ${worker} has nothing more to do`);
