/** A hostile process may write anything anywhere in the memory it shares: the host gets errors of ours, and goes on. */
import { test } from 'node:test';
import { checkLeaks } from '../house/leaks.ts';
import { runBatch } from './batches.ts';

const SEED = 8;

checkLeaks();

test('objects whose memory is overwritten fail with errors of ours, in time, and all others work', async () => {
	await runBatch('objects', SEED, 0, 150);
});

test('a family whose tables, headers and waits are overwritten neither crashes nor hangs', async () => {
	for (let first = 0; first < 60; first += 20) await runBatch('bookkeeping', SEED, first, 20);
});

test('so it is while another process goes on writing', async () => {
	await runBatch('another', SEED, 0, 3);
});
