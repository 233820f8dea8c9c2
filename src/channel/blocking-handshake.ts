/** The handshake of a client (handshake.ts), for a thread that blocks. */
import { Deadline } from '../base/deadline.ts';
import { AuthenticationError } from '../base/errors.ts';
import type { Connection } from './connection.ts';
import {
	answerTo,
	challengeIn,
	checkAnswer,
	checkVerdict,
	failed,
	HANDSHAKE_TIMEOUT,
	newChallenge,
} from './handshake.ts';
import { CHALLENGE, FAILURE, LONGEST_MESSAGE, WELCOME } from './handshake-words.ts';

/** Proves that this side knows the key, then has the other side prove it. @throws AuthenticationError */
export function shakeHandsSync(connection: Connection, key: Uint8Array, what: string): void {
	const deadline = Deadline.from(HANDSHAKE_TIMEOUT, what);
	try {
		answer(connection, key, deadline);
		deliver(connection, key, deadline);
	} catch (error) {
		throw failed(what, error);
	}
}

function receive(connection: Connection, deadline: Deadline): Buffer {
	if (connection.pollSync(deadline.remaining)) return connection.recvBytesSync(LONGEST_MESSAGE);
	throw new AuthenticationError(
		`nothing came from the other side for ${HANDSHAKE_TIMEOUT} ms: it has no key, or is busy`,
	);
}

function answer(connection: Connection, key: Uint8Array, deadline: Deadline): void {
	connection.sendBytesSync(answerTo(challengeIn(receive(connection, deadline)), key));
	checkVerdict(receive(connection, deadline));
}

function deliver(connection: Connection, key: Uint8Array, deadline: Deadline): void {
	const challenge = newChallenge();
	connection.sendBytesSync(Buffer.concat([CHALLENGE, challenge]));
	try {
		checkAnswer(receive(connection, deadline), challenge, key);
	} catch (error) {
		connection.sendBytesSync(FAILURE);
		throw error;
	}
	connection.sendBytesSync(WELCOME);
}
