/** Makes pipes. */
import { typeError } from '../base/errors.ts';
import { checkKnown } from '../base/known-options.ts';
import { Connection } from './connection.ts';
import { Ring } from './ring.ts';
import { RingEnds } from './ring-ends.ts';

export interface PipeOptions {
	/** Both ends send and receive (the default), or the first only receives and the second only sends. */
	duplex?: boolean | undefined;
}

/**
 * A pipe between two processes: two connections, one for each.
 *
 * @returns `[one, other]`; with `{duplex: false}` `[readable, writable]`
 */
export function Pipe(options: PipeOptions = {}): [Connection, Connection] {
	if (typeof options !== 'object' || options === null) {
		throw typeError('Pipe: options must be an object {duplex}; write Pipe({duplex: false}) for a one-way pipe');
	}
	checkKnown(options, ['duplex'], 'Pipe');
	const { duplex = true } = options;
	if (typeof duplex !== 'boolean') throw typeError('Pipe: duplex must be true or false');
	const there = Ring.create();
	if (!duplex) return [connection(there, undefined), connection(undefined, there)];
	const back = Ring.create();
	return [connection(back, there), connection(there, back)];
}

function connection(inbound: Ring | undefined, outbound: Ring | undefined): Connection {
	return new Connection(new RingEnds(inbound, outbound));
}
