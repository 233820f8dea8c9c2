/** What the children of the wait tests run. */
import type { Connection } from 'polyproc';

/** Waits for a word, sends one, and ends. */
export function sendWhenTold(orders: Connection, answers: Connection): void {
	orders.recvSync();
	answers.sendSync('told');
}
