/** CPython's TestCloseFds, _TestAtExit, TestIgnoreEINTR and _TestPollEintr: what a child has around it. */
import assert from 'node:assert/strict';
import { closeSync, openSync } from 'node:fs';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { getContext, Pipe, Process } from 'polyproc';
import { checkLeaks } from '../house/leaks.ts';
import { methods } from './methods.ts';
import * as targets from './process-targets.ts';

const SIGNALS = 20;
const LARGE = 2 ** 20;

checkLeaks(async () => {
	process.on('SIGHUP', () => undefined);
	const [here, there] = Pipe();
	const child = new Process({ target: targets.speakAtExit, args: [there] });
	await child.start();
	await here.recv();
	await child.join();
	here.close();
	there.close();
});

for (const method of methods) {
	const { Process } = getContext(method);

	test(`${method}: a file that the parent has open is ${method === 'fork' ? '' : 'not '}open in the child`, async () => {
		const opened = Array.from({ length: 100 }, () => openSync(process.execPath, 'r'));
		const [reader, writer] = Pipe({ duplex: false });
		const child = new Process({ target: targets.tellWhatDescriptorIs, args: [writer, Math.max(...opened)] });
		await child.start();
		assert.equal(await reader.recv(), method === 'fork' ? 'ELF' : 'EBADF');
		await child.join();
		opened.forEach(closeSync);
		reader.close();
		writer.close();
	});

	test(`${method}: an exit handler that the child has registered runs when the child ends`, async () => {
		const [reader, writer] = Pipe({ duplex: false });
		const child = new Process({ target: targets.speakAtExit, args: [writer] });
		await child.start();
		writer.close();
		assert.equal(await reader.recv(), 'leaving with 0');
		assert.equal(await child.join(), 0);
		reader.close();
	});

	for (const target of [targets.echoUnderSignals, targets.echoUnderSignalsSync]) {
		test(`${method}: signals disturb neither a waiting recv nor a large send (${target.name})`, async () => {
			const [here, there] = Pipe();
			const child = new Process({ target, args: [there] });
			await child.start();
			there.close();
			assert.equal(await here.recv(), 'ready');
			const disturb = async (): Promise<void> => {
				for (let i = 0; i < SIGNALS; i++) {
					process.kill(child.pid ?? 0, 'SIGHUP');
					await turn();
				}
			};
			await disturb();
			await here.send(1234);
			assert.equal(await here.recv(), 1234);
			const message = Buffer.alloc(LARGE, 'x');
			await Promise.all([here.sendBytes(message), disturb()]);
			assert.ok(message.equals(await here.recvBytes()));
			await here.send('end');
			assert.equal(await child.join(), 0);
			here.close();
		});
	}

	test(`${method}: signals that arrive during a join do not break it`, async () => {
		for (const join of ['join', 'joinSync'] as const) {
			const child = new Process({ target: targets.signalParent, args: [SIGNALS] });
			await child.start();
			assert.equal(await child[join](), 0);
		}
	});
}
