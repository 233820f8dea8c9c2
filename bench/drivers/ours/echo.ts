/** The child's half of the round trips: sends back whatever arrives until the parent closes its end. */
import { type Connection, EOFError } from 'polyproc';

export function echoSync(connection: Connection): void {
	try {
		for (;;) connection.sendSync(connection.recvSync());
	} catch (error) {
		if (!(error instanceof EOFError)) throw error;
	}
}

export async function echo(connection: Connection): Promise<void> {
	for await (const message of connection) await connection.send(message);
}
