// Two programs on two hosts share a queue of jobs and a queue of results. This one serves the queues, and puts and gets
// as if nobody else were there. The other, 11-job-worker.ts, would be started on another host; here it is started as
// somebody would start it there: it is told a port and a key, and shares nothing else.
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { BaseManager, Queue } from 'polyproc';

export interface Job {
	readonly id: number;
	readonly text: string;
}

export interface Result {
	readonly id: number;
	readonly worker: string;
	readonly reversed: string;
}

const TEXTS = ['first', 'second', 'third', 'fourth', 'fifth', 'sixth'];
const WORKERS = ['red', 'blue'];

const jobs = new Queue<Job | null>();
const results = new Queue<Result>();

class JobManager extends BaseManager {}
JobManager.register('jobs', () => jobs, { exposed: ['get'] });
JobManager.register('results', () => results, { exposed: ['put'] });

const authkey = randomBytes(32);
const server = new JobManager({ address: ['127.0.0.1', 0], authkey }).getServer();
await server.ready;
const [, port] = server.address as [string, number];

const program = fileURLToPath(new URL(`11-job-worker${import.meta.url.slice(-3)}`, import.meta.url));
const workers = WORKERS.map((name) =>
	spawn(process.execPath, [program, name, String(port)], {
		env: { ...process.env, JOB_KEY: authkey.toString('hex') },
		stdio: 'inherit',
	}),
);

for (const [id, text] of TEXTS.entries()) await jobs.put({ id, text });
for (const _ of WORKERS) await jobs.put(null); // there are no more

const done = await Promise.all(TEXTS.map(() => results.get()));
for (const { id, reversed } of done.sort((a, b) => a.id - b.id)) console.log(`${id}: ${reversed}`);
await Promise.all(workers.map((worker) => once(worker, 'close')));
server.stop();
