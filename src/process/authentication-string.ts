/**
 * A key that does not travel by accident: children get that of their parent when they are started, in no other way. It is
 * a Buffer in all but that it cannot be pickled and does not show its bytes where things are printed.
 */
import { inspect } from 'node:util';
import { handoff, reachable } from '../wire/handoff.ts';
import { refuseKey } from './refused-key.ts';

const HIDDEN = '<AuthenticationString>';

/** Buffers are made by functions only; the methods come from `Buffer.prototype` (below). */
const Bytes: new (bytes: Uint8Array) => Buffer = Uint8Array as never;

/**
 * What `authkey` of a process is. To send it on purpose, send a copy: `Buffer.from(key)`.
 *
 * @example
 * const key = mp.currentProcess().authkey;
 * const listener = new mp.Listener({ authkey: key });
 */
export class AuthenticationString extends Bytes {
	/** Only with an encoding it is what is asked for. */
	override toString(encoding?: BufferEncoding, start?: number, end?: number): string {
		return encoding === undefined ? HIDDEN : super.toString(encoding, start, end);
	}

	override toLocaleString(): string {
		return HIDDEN;
	}

	override toJSON(): never {
		return HIDDEN as never;
	}

	[inspect.custom](): string {
		return HIDDEN;
	}

	get [reachable](): true {
		return true;
	}

	[handoff](): never {
		refuseKey();
	}
}

Object.setPrototypeOf(AuthenticationString.prototype, Buffer.prototype);
