/** What a confined process loads before anything of the program's. */
import { BrokerCalls } from './calls.ts';
import { receiveStandIns } from './stand-in.ts';

export { keepToOneself } from './signals.ts';

/** From now on it can use what it was given, through these sockets (calls.ts). */
export function meetBroker(awaited: number, blocking: number): void {
	receiveStandIns(new BrokerCalls(awaited, blocking));
}
