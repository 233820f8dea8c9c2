/** How long a server's answers take. */
import { once } from 'node:events';
import { Agent, get, type IncomingMessage } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

/** Milliseconds from one request to the next, or from its answer if that comes late. */
const PERIOD = 5;

async function ask(url: string, agent: Agent): Promise<void> {
	const [response] = (await once(get(url, { agent }), 'response')) as [IncomingMessage];
	await once(response.resume(), 'end');
	if (response.statusCode !== 200) throw new Error(`${url} has answered with ${response.statusCode}`);
}

/**
 * Asks until it is told to stop. Gives the milliseconds that each answer took from when the request was due: if the
 * event loop is blocked, no request can be made, and that counts too.
 */
export async function measure(url: string, stop: AbortSignal): Promise<number[]> {
	const agent = new Agent({ keepAlive: true });
	const latencies: number[] = [];
	let due = performance.now();
	while (!stop.aborted) {
		due = Math.max(due + PERIOD, performance.now());
		await sleep(Math.max(0, due - performance.now()));
		await ask(url, agent);
		latencies.push(performance.now() - due);
	}
	agent.destroy();
	return latencies;
}

/** What `share` of them are not longer than. */
export function percentile(latencies: readonly number[], share: number): number {
	const sorted = latencies.toSorted((a, b) => a - b);
	return sorted[Math.ceil(sorted.length * share) - 1] ?? Number.NaN;
}
