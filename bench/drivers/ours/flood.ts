/** The child's half of the one-way shapes: sends the same message until nobody is left to receive it. */
import { BrokenPipeError, type Connection } from 'polyproc';
import { SMALL } from '../../measure.ts';

export function floodObjects(connection: Connection): void {
	untilBroken(() => connection.sendSync(SMALL));
}

export function floodBytes(connection: Connection, size: number): void {
	const message = Buffer.alloc(size, 1);
	untilBroken(() => connection.sendBytesSync(message));
}

function untilBroken(send: () => void): void {
	try {
		for (;;) send();
	} catch (error) {
		if (!(error instanceof BrokenPipeError)) throw error;
	}
}
