import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { medianTime, report } from '../../measure.ts';

const program = fileURLToPath(new URL('empty.js', import.meta.url));

report(
	await medianTime(async () => {
		const [code] = await once(fork(program), 'exit');
		if (code !== 0) throw new Error(`it ended with exit code ${code}`);
	}),
);
