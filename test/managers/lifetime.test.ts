/** An object is there as long as somebody has a proxy of it, whoever that is, and however that one ends. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { BaseManager, Process, type Remote } from 'polyproc';
import { checkLeaks } from '../house/leaks.ts';
import { promptly } from '../house/promptly.ts';
import { fixturePath } from '../house/root.ts';
import { Census, Inhabitant, keepAndTell } from './inhabitants.ts';

class TownManager extends BaseManager {
	declare readonly Inhabitant: () => Promise<Remote<Inhabitant>>;
	declare readonly Census: () => Promise<Remote<Census>>;
}
TownManager.register('Inhabitant', Inhabitant);
TownManager.register('Census', Census);

/** Milliseconds within which the server finds out. */
const PATIENCE = 10_000;

async function town(options: ConstructorParameters<typeof TownManager>[0] = {}): Promise<TownManager> {
	const manager = new TownManager(options);
	await manager.start();
	return manager;
}

/** Waits until so many inhabitants are left. */
async function left(census: Remote<Census>, count: number): Promise<void> {
	const end = performance.now() + PATIENCE;
	for (let seen = await census.count(); seen !== count; seen = await census.count()) {
		assert.ok(performance.now() < end, `${seen} are left, not ${count}`);
		await sleep(50);
	}
}

checkLeaks(async () => {
	await using manager = await town();
	await (await manager.Census()).count();
});

test('objects whose proxies are disposed of are let go, and only these', async () => {
	await using manager = await town();
	const census = await manager.Census();
	const all = await Promise.all(Array.from({ length: 1000 }, () => manager.Inhabitant()));
	await left(census, 1000);
	for (const one of all.slice(1)) one[Symbol.dispose]();
	await left(census, 1);
	assert.equal(await all[0]!.isAlive(), true);
});

test('those of a client that is killed are let go as well', async () => {
	await using manager = await town();
	const census = await manager.Census();
	const mine = await manager.Inhabitant();
	const child = new Process<unknown[]>({ target: keepAndTell as never, args: [manager, mine, census] });
	await child.start();
	await left(census, 11);
	child.kill();
	await child.join();
	await left(census, 1);
	assert.equal(await mine.isAlive(), true);
});

test('a client outside has its objects until its connection ends, also when it is killed', async () => {
	const authkey = Buffer.from('town');
	await using manager = await town({ address: ['127.0.0.1', 0], authkey });
	const census = await manager.Census();
	const outside = spawn(process.execPath, [fixturePath('managers/resident.mjs'), JSON.stringify(manager.address)], {
		stdio: ['ignore', 'pipe', 'inherit'],
	});
	const closed = once(outside, 'close');
	assert.match(String(await promptly(once(outside.stdout, 'data'))), /10 are here/);
	// One of the ten was disposed of.
	await left(census, 9);
	outside.kill('SIGKILL');
	await promptly(closed);
	await left(census, 0);
});
