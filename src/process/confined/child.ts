/** What a confined process that was given shared objects has to load. */
import { BrokerCalls } from './calls.ts';
import { receiveStandIns } from './stand-in.ts';

/** From now on it can use what it was given, through these sockets (calls.ts). */
export function meetBroker(awaited: number, blocking: number): void {
	receiveStandIns(new BrokerCalls(awaited, blocking));
}
