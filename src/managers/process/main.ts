/** What a manager's process does: it serves until it is told to end. */
import type { Connection } from '../../channel/connection.ts';
import { self } from '../../process/self.ts';
import { modules } from '../../wire/module-registry.ts';
import { encodeThrown } from '../../wire/remote-error.ts';
import { newServerName, Serving, type ServingOptions } from '../serving.ts';

/** What it is told by whoever starts it. */
export interface Orders {
	readonly options: ServingOptions;
	/** Where it says that it serves, or why it does not. */
	readonly report: Connection;
	/** Where clients come in that share memory with it. */
	readonly inside: Connection;
	readonly outside: Connection;
	readonly initializer: ((...args: never[]) => unknown) | undefined;
	readonly initargs: readonly unknown[];
}

/** What it says: an error's bytes, or where it is. */
export type Report = { readonly error: Uint8Array } | { readonly server: string; readonly address: Serving['address'] };

const UNFIT = 1;

export async function serve({ options, report, inside, outside, initializer, initargs }: Orders): Promise<void> {
	// What a terminal sends to all its processes is for the program to decide about.
	process.on('SIGINT', () => {});
	modules.importing = (load) => self.whileLoading(load);
	const serving = await begin();
	await serving.over;
	// Timers and servers of the objects are no reason to go on.
	process.exit();

	async function begin(): Promise<Serving> {
		try {
			await initializer?.(...(initargs as never[]));
			const made = new Serving(options);
			const server = newServerName();
			process.once('SIGTERM', () => made.stop()); // a daemon's end; what is stuck is killed a moment later
			const address = await made.open(server, { inside, outside });
			await report.send({ server, address } satisfies Report);
			report.close();
			return made;
		} catch (error) {
			await report.send({ error: encodeThrown(error) } satisfies Report);
			process.exit(UNFIT);
		}
	}
}
