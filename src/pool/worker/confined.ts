/** What the process of a confined call does: it calls, and tells what came of it. */
import { ProcessError } from '../../base/errors.ts';
import type { Connection } from '../../channel/connection.ts';
import { encodeThrown } from '../../wire/remote-error.ts';

/** What it tells. */
export type Tale =
	| readonly [kind: 'begun', content: null]
	| readonly [kind: 'value', content: unknown]
	/** Pickled: what the function has thrown, or what nobody has caught. */
	| readonly [kind: 'thrown' | 'crash', content: Uint8Array];

export async function callAndTell(
	line: Connection,
	fn: (...args: never[]) => unknown,
	args: readonly never[],
): Promise<void> {
	// What a terminal sends to all its processes is for the program to decide about.
	process.on('SIGINT', () => {});
	process.on('uncaughtExceptionMonitor', (error) => {
		if (process.listenerCount('uncaughtException') === 0) line.sendSync(['crash', encodeThrown(error)] satisfies Tale);
	});
	process.on('beforeExit', () => {
		const error = new ProcessError('the function returned a promise that nothing is left to settle.', {
			code: 'ERR_MP_UNSETTLED',
		});
		line.sendSync(['thrown', encodeThrown(error)] satisfies Tale);
		process.exit();
	});
	line.sendSync(['begun', null] satisfies Tale);
	try {
		line.sendSync(['value', await fn(...args)] satisfies Tale);
	} catch (error) {
		line.sendSync(['thrown', encodeThrown(error)] satisfies Tale);
	}
	// Servers and timers that it has left are no reason to go on.
	process.exit();
}
