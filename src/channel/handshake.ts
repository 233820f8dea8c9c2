/**
 * CPython's handshake (`multiprocessing.connection`, 3.12 and later), byte for byte: each side proves to the other that it
 * knows the key, without saying it.
 *
 * ```
 *  who wants proof                                   who gives it
 *  #CHALLENGE#{sha256}40 random bytes  ------------>
 *                                      <------------ {sha256}HMAC-SHA256(key, all behind #CHALLENGE#)
 *  #WELCOME# or #FAILURE#              ------------>
 * ```
 *
 * Then the same the other way round. Up to Python 3.11 there is no {digest}: 20 bytes are to be answered with the bare
 * HMAC-MD5 of them, and who is asked by us takes "{sha256}…" for a part of the challenge and answers in the same way.
 */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { AuthenticationError, ClosedError } from '../base/errors.ts';
import type { handshakeAhead } from './handshake-key.ts';
import { CHALLENGE, FAILURE, LONGEST_MESSAGE, SHORTEST_CHALLENGE, WELCOME } from './handshake-words.ts';

/** What a handshake goes over. */
export interface Line {
	[handshakeAhead]?(): void;
	sendBytes(bytes: Uint8Array, offset?: number, size?: number, options?: { signal?: AbortSignal }): Promise<void>;
	recvBytes(maxLength?: number, options?: { signal?: AbortSignal }): Promise<Uint8Array>;
}

/** Milliseconds that a handshake may take, both ways together. */
export const HANDSHAKE_TIMEOUT = 5000;

/** Python's names of the digests, and OpenSSL's. */
const DIGESTS: ReadonlyMap<string, string> = new Map([
	['md5', 'md5'],
	['sha256', 'sha256'],
	['sha384', 'sha384'],
	['sha3_256', 'sha3-256'],
	['sha3_384', 'sha3-384'],
]);
const PREFERRED = 'sha256';
/** What a message without a name is to be answered with. */
const LEGACY = 'md5';
/** Lengths of an old challenge and of the answer to one: in bytes. No message with a name is so short. */
const LEGACY_LENGTHS: readonly number[] = [SHORTEST_CHALLENGE, 16];
const RANDOM_BYTES = 40;
const NAMED = /^\{(\w{1,8})\}/;

/** The digest a message names; `undefined`: it is an old one, without a name. */
function digestNamed(message: Uint8Array): string | undefined {
	if (LEGACY_LENGTHS.includes(message.length)) return undefined;
	const name = NAMED.exec(Buffer.from(message).toString('latin1', 0, 10))?.[1];
	if (name !== undefined && DIGESTS.has(name)) return name;
	throw new AuthenticationError(
		`the other side names no digest that is known (${[...DIGESTS.keys()].join(', ')}): is it one of multiprocessing's?`,
	);
}

function hmac(digest: string, key: Uint8Array, message: Uint8Array): Buffer {
	return createHmac(DIGESTS.get(digest)!, key).update(message).digest();
}

/** The answer to a challenge (what is behind its word). */
export function answerTo(challenge: Uint8Array, key: Uint8Array): Buffer {
	const digest = digestNamed(challenge);
	if (digest === undefined) return hmac(LEGACY, key, challenge);
	return Buffer.concat([Buffer.from(`{${digest}}`), hmac(digest, key, challenge)]);
}

/** @throws AuthenticationError if this is not the answer of somebody who knows the key. */
export function checkAnswer(answer: Uint8Array, challenge: Uint8Array, key: Uint8Array): void {
	const digest = digestNamed(answer);
	const proof = digest === undefined ? answer : answer.subarray(digest.length + 2);
	const expected = hmac(digest ?? LEGACY, key, challenge);
	if (proof.length === expected.length && timingSafeEqual(proof, expected)) return;
	throw new AuthenticationError('the other side does not know the key: its answer to the challenge is wrong.');
}

/** What the other side is asked to answer (what is behind the challenge's word). */
export function newChallenge(): Buffer {
	return Buffer.concat([Buffer.from(`{${PREFERRED}}`), randomBytes(RANDOM_BYTES)]);
}

/** Has the other side prove that it knows the key. */
export async function deliver(line: Line, key: Uint8Array, signal: AbortSignal): Promise<void> {
	const challenge = newChallenge();
	await line.sendBytes(Buffer.concat([CHALLENGE, challenge]), undefined, undefined, { signal });
	const answer = await line.recvBytes(LONGEST_MESSAGE, { signal });
	try {
		checkAnswer(answer, challenge, key);
	} catch (error) {
		await line.sendBytes(FAILURE, undefined, undefined, { signal }).catch(() => {}); // it may be gone: that is no news
		throw error;
	}
	await line.sendBytes(WELCOME, undefined, undefined, { signal });
}

/** What the other side wants to see answered. */
export async function awaitChallenge(line: Line, signal: AbortSignal): Promise<Uint8Array> {
	return challengeIn(await line.recvBytes(LONGEST_MESSAGE, { signal }));
}

/** What is to be answered of a message that should be a challenge. @throws AuthenticationError if it is none */
export function challengeIn(message: Uint8Array): Uint8Array {
	const challenge = message.subarray(CHALLENGE.length);
	if (CHALLENGE.equals(message.subarray(0, CHALLENGE.length)) && challenge.length >= SHORTEST_CHALLENGE)
		return challenge;
	throw new AuthenticationError(
		'the other side sent something else than a challenge: it has no key. Give both sides the same authkey.',
	);
}

/** Proves to the other side that this one knows the key. */
export async function answer(line: Line, challenge: Uint8Array, key: Uint8Array, signal: AbortSignal): Promise<void> {
	await line.sendBytes(answerTo(challenge, key), undefined, undefined, { signal });
	checkVerdict(await line.recvBytes(LONGEST_MESSAGE, { signal }));
}

/** What the other side says of an answer. @throws AuthenticationError if it refuses it */
export function checkVerdict(verdict: Uint8Array): void {
	if (WELCOME.equals(verdict)) return;
	throw new AuthenticationError('the other side refused the key. Give both sides the same authkey.');
}

/** Does a part of the handshake, or all of it, for `what`; whatever goes wrong is an AuthenticationError, and in time. */
export async function inTime(what: string, work: (signal: AbortSignal) => Promise<void>): Promise<void> {
	const end = new AbortController();
	const late = new AuthenticationError(
		`nothing came from the other side for ${HANDSHAKE_TIMEOUT} ms: it has no key, or is busy. Give both sides the same authkey.`,
	);
	// What is waited for keeps the event loop alive, if it should; the limit does not.
	const timer = setTimeout(() => end.abort(late), HANDSHAKE_TIMEOUT).unref();
	try {
		await work(end.signal);
	} catch (error) {
		throw failed(what, error);
	} finally {
		clearTimeout(timer);
	}
}

/** What goes wrong in a handshake, as it is reported. */
export function failed(what: string, error: unknown): unknown {
	if (error instanceof ClosedError) return error;
	if (error instanceof AuthenticationError) return new AuthenticationError(`${what}: ${error.message}`);
	return new AuthenticationError(
		`${what}: the other side broke off the handshake, or does not know it (see cause). Give both sides the same authkey.`,
		{ cause: error },
	);
}
