/** The fixed words of CPython's handshake (`multiprocessing.connection`), which all its versions say. */
export const CHALLENGE: Buffer = Buffer.from('#CHALLENGE#');
export const WELCOME: Buffer = Buffer.from('#WELCOME#');
export const FAILURE: Buffer = Buffer.from('#FAILURE#');

/** Bytes of the shortest challenge, without its word: what Python up to 3.11 sends. */
export const SHORTEST_CHALLENGE = 20;
/** No message of a handshake is longer, in bytes. */
export const LONGEST_MESSAGE = 256;

/** Whether a message is what somebody says who wants a key, or gives up on one. */
export function isOfHandshake(message: Uint8Array): boolean {
	if (message.length > LONGEST_MESSAGE) return false;
	const isChallenge =
		message.length >= CHALLENGE.length + SHORTEST_CHALLENGE && CHALLENGE.equals(message.subarray(0, CHALLENGE.length));
	return isChallenge || FAILURE.equals(message);
}
