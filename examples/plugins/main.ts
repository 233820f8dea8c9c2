// A server with plugins that nobody vouches for: each runs in a process of its own, with a folder, a bounded queue to
// report on, and next to no rights. The server answers meanwhile as if they were not there, and at the end it says what
// each of them did, and how long its answers took with them, from the first start to the last end, and without, before
// that and after it.
//
//     HOST_KEY=secret node main.js
import { once, setMaxListeners } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isMain, run } from 'polyproc';
import { measure, percentile } from './latency.ts';
import { type Grant, PluginProcess } from './plugin-process.ts';

const PLUGINS = new URL('plugins/', import.meta.url);
/** Milliseconds. */
const WARM_UP = 500;
const IDLE = 2000;
const LISTEN_EVERY = 50;
/** A plugin that blocks is ended only then: until then both processors are busy, and a host is not always starting plugins. */
const LONG = 9000;
/** Between the starts of two plugins: all at once would take the processors from everybody else. */
const START_EVERY = 250;

/** Plugins under other conditions than the usual ones. A plugin can run more than once. */
const GRANTS: readonly (readonly [name: string, file: string, grant: Grant])[] = [
	['blocks', 'blocks', { limits: { wallTime: LONG } }],
	[
		'forks, allowed one',
		'forks',
		{ permissions: { childProcess: true, fsRead: [process.execPath] }, limits: { processes: 1 } },
	],
];

export function makePlugins(place: string): PluginProcess[] {
	const files = readdirSync(PLUGINS).filter((file) => file.endsWith('.js'));
	const names = files.map((file) => file.slice(0, -'.js'.length));
	const usual = names.filter((name) => !GRANTS.some(([other]) => other === name));
	return [...usual.map((name) => [name, name, {}] as const), ...GRANTS]
		.sort(([one], [other]) => (one < other ? -1 : 1))
		.map(([name, file, grant]) => new PluginProcess(name, new URL(`${file}.js`, PLUGINS), place, grant));
}

/** One after another is started; the milliseconds of all answers until the last has ended. */
export async function measureWithPlugins(
	url: string,
	plugins: readonly PluginProcess[],
	stop: AbortSignal,
): Promise<number[]> {
	let isOver = false;
	const running = runPlugins(plugins, stop).finally(() => {
		isOver = true;
	});
	const [latencies] = await Promise.all([measure(url, () => isOver), running]);
	return latencies;
}

async function runPlugins(plugins: readonly PluginProcess[], stop: AbortSignal): Promise<void> {
	const listening = setInterval(() => {
		for (const plugin of plugins) plugin.listen();
	}, LISTEN_EVERY);
	const running: Promise<void>[] = [];
	for (const plugin of plugins) {
		running.push(plugin.run(stop));
		if (!stop.aborted) await sleep(START_EVERY);
	}
	await Promise.all(running);
	clearInterval(listening);
}

/**
 * A server that has answered for a while, so that what it needs is there. And what the first process of a program needs: the
 * library has been loaded, the fork server started. A server does that before it has clients.
 */
export async function serve(stop: AbortSignal): Promise<{ server: Server; url: string }> {
	await run(Math.sqrt, [4], { permissions: {} });
	const server = createServer((_request, response) => response.end('Here I am.'));
	await once(server.listen(0, '127.0.0.1'), 'listening');
	const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
	await measureFor(WARM_UP, url, stop);
	return { server, url };
}

function measureFor(time: number, url: string, stop: AbortSignal): Promise<number[]> {
	const end = performance.now() + time;
	return measure(url, () => stop.aborted || performance.now() >= end);
}

/** Has `use` work in a folder that is removed afterwards; the host's secret lies there. */
export async function inPlace<R>(use: (place: string) => Promise<R>): Promise<R> {
	const place = mkdtempSync(join(tmpdir(), 'polyproc-plugins-'));
	writeFileSync(join(place, 'secret.txt'), process.env.HOST_KEY ?? 'nobody knows');
	try {
		return await use(place);
	} finally {
		rmSync(place, { recursive: true });
	}
}

async function main(place: string, stop: AbortSignal): Promise<void> {
	const { server, url } = await serve(stop);
	console.log(`serving ${url}`);
	const before = await measureFor(IDLE, url, stop);
	const plugins = makePlugins(place);
	const busy = await measureWithPlugins(url, plugins, stop);
	const idle = [...before, ...(await measureFor(IDLE, url, stop))];
	server.close();
	for (const { name, said, verdict } of plugins) {
		for (const text of new Set(said)) console.log(`${name} says: ${text}`);
		console.log(`${name}: ${verdict}`);
	}
	printLatency('without plugins', idle);
	printLatency('with plugins', busy);
	console.log(`ratio: ${(percentile(busy, 0.99) / percentile(idle, 0.99)).toFixed(2)}`);
}

function printLatency(when: string, latencies: readonly number[]): void {
	const [half, most, longest] = [0.5, 0.99, 1].map((share) => percentile(latencies, share).toFixed(2));
	const times = `p50 ${half} ms, p99 ${most} ms, longest ${longest} ms`;
	console.log(`${when}: ${latencies.length} requests, all answered, ${times}`);
}

if (isMain(import.meta)) {
	const stop = new AbortController();
	setMaxListeners(0, stop.signal); // each plugin has one
	for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => stop.abort());
	await inPlace((place) => main(place, stop.signal));
}
