/** Proving and having proved that both sides of a connection know a key: the two halves of the handshake by themselves. */
import { typeError } from '../base/errors.ts';
import { checkKey } from './authkey.ts';
import { answer, awaitChallenge, deliver, inTime, type Line } from './handshake.ts';
import { handshakeAhead } from './handshake-key.ts';

/** What a challenge can go over: a connection, or whatever sends and receives bytes as one does. */
export type ChallengeConnection = Line;

/**
 * Has the other side of a connection prove that it knows `authkey`, as Python's `deliver_challenge` does. The other side
 * calls `answerChallenge`. Takes 5000 ms at most.
 *
 * @throws AuthenticationError if it does not know the key, answers something else, or nothing. The connection stays open
 */
export async function deliverChallenge(connection: ChallengeConnection, authkey: Uint8Array): Promise<void> {
	const key = checkKey(authkey, 'deliverChallenge');
	beginHandshake(connection, 'deliverChallenge');
	await inTime('deliverChallenge', (signal) => deliver(connection, key, signal));
}

/**
 * Proves to the other side of a connection that this one knows `authkey`, as Python's `answer_challenge` does; the digest is
 * the one that the challenge asks for. Takes 5000 ms at most.
 *
 * @throws AuthenticationError if the other side refuses the answer, sends no challenge, or nothing. The connection stays open
 */
export async function answerChallenge(connection: ChallengeConnection, authkey: Uint8Array): Promise<void> {
	const key = checkKey(authkey, 'answerChallenge');
	beginHandshake(connection, 'answerChallenge');
	await inTime('answerChallenge', async (signal) => {
		await answer(connection, await awaitChallenge(connection, signal), key, signal);
	});
}

function beginHandshake(connection: ChallengeConnection, call: string): void {
	if (typeof connection?.sendBytes !== 'function' || typeof connection.recvBytes !== 'function') {
		throw typeError(`${call}: the first argument must be a connection, or have its sendBytes and recvBytes`);
	}
	connection[handshakeAhead]?.();
}
