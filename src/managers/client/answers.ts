/** What was thrown in the server, as it is thrown here. */
import { decodeThrown, decodeThrownAsync } from '../../wire/remote-error.ts';
import { type Frame, valueOf } from '../messages.ts';

export function thrownBy(frame: Frame): Promise<unknown> {
	return decodeThrownAsync(valueOf(frame) as Uint8Array);
}

/** As `thrownBy`, without an event loop. */
export function thrownNow(frame: Frame): unknown {
	return decodeThrown(valueOf(frame) as Uint8Array);
}
