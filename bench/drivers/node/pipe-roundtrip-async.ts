import { fork } from 'node:child_process';
import { once } from 'node:events';
import { rate, report, SMALL } from '../../measure.ts';

const child = fork(new URL('ipc-child.js', import.meta.url), ['echo']);
let arrived: () => void = () => undefined;
child.on('message', () => arrived());

report(
	await rate(
		() =>
			new Promise<void>((resolve) => {
				arrived = resolve;
				child.send(SMALL);
			}),
	),
);
child.disconnect();
await once(child, 'exit');
