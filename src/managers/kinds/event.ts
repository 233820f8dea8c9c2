/** Event of a manager. */
import type { Call } from '../server/call.ts';
import { type OwnKind, ownKind } from '../server/kind.ts';
import { endOfWait, type Limits, Waiters } from '../server/waiters.ts';

class ManagedEvent {
	isSet = false;
	readonly waiters: Waiters<true> = new Waiters();
}

export const EVENT: OwnKind = {
	make: () => new ManagedEvent(),
	kind: ownKind<ManagedEvent>('Event', {
		isSet: (event) => event.isSet,
		set: (event) => {
			event.isSet = true;
			event.waiters.wakeAll(true);
		},
		clear: (event) => {
			event.isSet = false;
		},
		wait(this: Call, event, limits?: number | Limits) {
			const deadline = endOfWait(limits, 'Event.wait');
			if (event.isSet) return true;
			return event.waiters.wait(this, deadline).then((woken) => woken === true);
		},
	}),
};
