/** Why the key of a process is not pickled. Apart from its class, which every program loads. */
import { Unpicklable } from '../wire/unpicklable.ts';

export function refuseKey(): never {
	throw new Unpicklable(
		'it is the authkey of a process, which is handed to children when they are started and must not travel by accident; children have it as currentProcess().authkey; to send it on purpose, send a copy: Buffer.from(key)',
	);
}
