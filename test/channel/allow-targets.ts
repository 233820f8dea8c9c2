import type { Connection } from 'polyproc';

/** Receives from a connection it was given, and tells what came of it. */
export async function tellWhatComes(connection: Connection, line: Connection): Promise<void> {
	for (let left = 2; left > 0; left--) {
		await line.send(await connection.recv().then(String, (error: Error) => `${error.name}: ${error.message}`));
	}
}

/** What a stranger may name only if it is allowed. */
export function named(): string {
	return 'named';
}
