/**
 * How long a server's answers take, to a client in the server's own process that asks again every few milliseconds, once
 * it has its answer. So whatever keeps the server's event loop busy counts, and so does waiting for a processor.
 */
import { once } from 'node:events';
import { Agent, get, type IncomingMessage } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

/** Milliseconds from one request to the next. */
const PERIOD = 5;

async function ask(url: string, agent: Agent): Promise<void> {
	const [response] = (await once(get(url, { agent }), 'response')) as [IncomingMessage];
	await once(response.resume(), 'end');
	if (response.statusCode !== 200) throw new Error(`${url} has answered with ${response.statusCode}`);
}

/**
 * Asks until it is over. Gives the milliseconds that each answer took from when the request was due, even if it
 * could only be made later because the event loop was blocked.
 */
export async function measure(url: string, isOver: () => boolean): Promise<number[]> {
	const agent = new Agent({ keepAlive: true });
	const latencies: number[] = [];
	let due = performance.now();
	while (!isOver()) {
		due = Math.max(due + PERIOD, performance.now());
		await sleep(Math.max(0, due - performance.now()));
		const start = Math.min(due, performance.now()); // timers may come a little early
		await ask(url, agent);
		latencies.push(performance.now() - start);
	}
	agent.destroy();
	return latencies;
}

/** What `share` of them are not longer than. */
export function percentile(latencies: readonly number[], share: number): number {
	const sorted = latencies.toSorted((a, b) => a - b);
	return sorted[Math.ceil(sorted.length * share) - 1] ?? Number.NaN;
}
