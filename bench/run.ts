/**
 * `npm run bench`: every shape by every driver, side by side in one run, and one table with the ratios.
 *
 * Each measurement is a program of its own with its own warm-up. The rounds are interleaved (ours, theirs, ours, …), so
 * that a machine that gets slower or busier does so for everybody; the table shows medians, also of the rounds' ratios.
 *
 *   --only NAME    only shapes whose name contains NAME
 *   --rounds N     this many measurements of each (5)
 *   --quick        one short round: does it run, not how fast
 */
import { execFileSync } from 'node:child_process';
import { cpus, release } from 'node:os';
import { parseArgs } from 'node:util';
import { measure, pythonVersion } from './programs.ts';
import { eventPingPong } from './shapes/event-pingpong.ts';
import { forkStartJoin } from './shapes/fork-start-join.ts';
import { forkserver200 } from './shapes/forkserver-200.ts';
import { forkserverStartJoin } from './shapes/forkserver-start-join.ts';
import { idlePrivate } from './shapes/idle-private.ts';
import { idlePss } from './shapes/idle-pss.ts';
import { importCost } from './shapes/import-cost.ts';
import { lockContended } from './shapes/lock-contended.ts';
import { lockUncontended } from './shapes/lock-uncontended.ts';
import { managerSet } from './shapes/manager-set.ts';
import { managerSetPipelined } from './shapes/manager-set-pipelined.ts';
import { pipe1MiB } from './shapes/pipe-1mib.ts';
import { pipeOneway } from './shapes/pipe-oneway.ts';
import { pipeRoundtripAsync } from './shapes/pipe-roundtrip-async.ts';
import { pipeRoundtripSync } from './shapes/pipe-roundtrip-sync.ts';
import { pluginsLatency } from './shapes/plugins-latency.ts';
import { poolMap1M } from './shapes/pool-map-1m.ts';
import { poolPipelined } from './shapes/pool-pipelined.ts';
import { poolReady } from './shapes/pool-ready.ts';
import { poolSequential } from './shapes/pool-sequential.ts';
import { poolSpeedup } from './shapes/pool-speedup.ts';
import { poolThreads } from './shapes/pool-threads-pipelined.ts';
import { queueMpmc } from './shapes/queue-mpmc.ts';
import { queueOneway } from './shapes/queue-oneway.ts';
import { queueRoundtripAsync } from './shapes/queue-roundtrip-async.ts';
import type { Rival, Shape } from './shapes/shape.ts';
import { sharedMemoryCreate } from './shapes/shared-memory-create.ts';
import { socketHandover } from './shapes/socket-handover.ts';
import { spawnStartJoin } from './shapes/spawn-start-join.ts';
import { valueAdd } from './shapes/value-add.ts';
import { viewReadWrite } from './shapes/view-read-write.ts';
import { type Line, table } from './table.ts';

const SHAPES = [
	lockUncontended,
	lockContended,
	eventPingPong,
	pipeRoundtripSync,
	pipeRoundtripAsync,
	pipeOneway,
	pipe1MiB,
	queueOneway,
	queueMpmc,
	queueRoundtripAsync,
	socketHandover,
	valueAdd,
	viewReadWrite,
	sharedMemoryCreate,
	spawnStartJoin,
	forkserverStartJoin,
	forkserver200,
	forkStartJoin,
	poolPipelined,
	poolThreads,
	poolSequential,
	poolMap1M,
	poolSpeedup,
	poolReady,
	managerSet,
	managerSetPipelined,
	idlePss,
	idlePrivate,
	pluginsLatency,
	importCost,
];
const ROUNDS = 5;
const WINDOW = 600;
const QUICK_WINDOW = 150;

const { values: options } = parseArgs({
	options: { only: { type: 'string' }, rounds: { type: 'string' }, quick: { type: 'boolean' } },
});
const rounds = options.quick ? 1 : Number(options.rounds ?? ROUNDS);
const window = options.quick ? QUICK_WINDOW : WINDOW;
const python = pythonVersion();
const lines: Line[] = [];

for (const shape of SHAPES.filter(({ name }) => name.includes(options.only ?? ''))) {
	if (process.stderr.isTTY) process.stderr.write(`${shape.name} …\n`);
	lines.push(...(await linesOf(shape)));
}
console.log(table(lines));
console.log(`\n${conditions()}`);
if (python === null) console.log('There is no python3 on this machine: the lines against CPython are left open.');

async function linesOf(shape: Shape): Promise<Line[]> {
	const rivals = Object.keys(shape.rivals) as Rival[];
	const here = rivals.filter((rival) => rival !== 'python' || python !== null);
	const values = await measureAll(shape, ['ours', ...here]);
	return rivals.map((rival) => {
		const { is, target } = shape.rivals[rival] ?? { is: rival, target: null };
		return { shape, rival: is, target, ours: values.get('ours') ?? [], theirs: values.get(rival) ?? null };
	});
}

/** What every driver measured, round by round. Every other round goes the other way, so that none is always the first. */
async function measureAll(shape: Shape, drivers: ('ours' | Rival)[]): Promise<Map<string, number[]>> {
	const samples = new Map<string, number[]>(drivers.map((driver) => [driver, []]));
	for (let round = 0; round < roundsOf(shape); round++) {
		const turns = round % 2 === 0 ? drivers : [...drivers].reverse();
		for (const driver of turns) samples.get(driver)?.push(await measure(driver, shape, window));
	}
	return samples;
}

function roundsOf(shape: Shape): number {
	return options.quick ? rounds : Math.max(rounds, shape.rounds ?? 0);
}

/** What the numbers depend on. */
function conditions(): string {
	const machine = `${cpus()[0]?.model ?? 'unknown processor'}, ${cpus().length} cores, ${process.platform} ${release()}`;
	const versions = `Node ${process.version}, Python ${python ?? 'none'}, polyproc at ${commit()}`;
	return `${machine}\n${versions}; medians of ${rounds} interleaved rounds of ${window} ms, or of more single runs`;
}

function commit(): string {
	try {
		return execFileSync('git', ['describe', '--always', '--dirty'], { encoding: 'utf8' }).trim();
	} catch {
		return 'an unknown commit'; // no git, or not a clone
	}
}
