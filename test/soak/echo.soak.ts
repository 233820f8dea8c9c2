// Random values to a child and back, in bursts, blocking and awaiting, for as long as told.
import assert from 'node:assert/strict';
import { type Connection, EOFError, isMain, Pipe, Process } from 'polyproc';
import { DURATION, Random, SEED } from './random.ts';

const LONGEST_BURST = 8;

export function echoSync(connection: Connection): void {
	try {
		for (;;) connection.sendSync(connection.recvSync());
	} catch (error) {
		if (!(error instanceof EOFError)) throw error;
	}
}

export async function echo(connection: Connection): Promise<void> {
	for await (const value of connection) await connection.send(value);
}

async function main(): Promise<void> {
	const random = new Random(SEED);
	let values = 0;
	for (const end = performance.now() + DURATION; performance.now() < end; ) {
		const [here, there] = Pipe();
		const child = new Process({ target: random.pick([echo, echoSync]), args: [there] });
		await child.start();
		there.close();
		for (let bursts = random.below(200); bursts > 0 && performance.now() < end; bursts--) {
			const burst = Array.from({ length: 1 + random.below(LONGEST_BURST) }, () => random.value(3));
			const sending = sendAll(here, burst);
			for (const value of burst) assert.deepEqual(await here.recv(), value);
			await sending;
			values += burst.length;
		}
		here.close();
		assert.equal(await child.join(), 0);
	}
	console.log(`  ${values} values went there and came back`);
}

async function sendAll(connection: Connection, values: unknown[]): Promise<void> {
	for (const value of values) await connection.send(value);
}

if (isMain(import.meta)) await main();
