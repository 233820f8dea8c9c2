/** What a confined process loads before anything of the program's. */
import { BrokerCalls } from './calls.ts';
import { isSocketAtInput, useMovedInput } from './place-of-input.ts';
import { receiveStandIns } from './stand-in.ts';

export { keepToOneself } from './signals.ts';

/** From now on it can use what it was given, through these sockets (calls.ts); before them is the payload, and before that the streams. */
export function meetBroker(awaited: number, blocking: number): void {
	if (isSocketAtInput()) {
		useMovedInput(awaited - 2);
		receiveStandIns(new BrokerCalls(0, blocking));
	} else {
		receiveStandIns(new BrokerCalls(awaited, blocking));
	}
}
