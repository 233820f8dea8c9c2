/** The child's half of the process.send shapes. */
import { SMALL } from '../../measure.ts';

const BATCH = 100;

function send(message: unknown): Promise<void> {
	return new Promise((resolve, reject) => {
		process.send?.(message, undefined, {}, (error) => (error ? reject(error) : resolve()));
	});
}

if (process.argv[2] === 'echo') process.on('message', (message) => process.send?.(message));
else {
	for (;;) {
		for (let i = 1; i < BATCH; i++) process.send?.(SMALL);
		await send(SMALL);
	}
}
