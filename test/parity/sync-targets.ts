/** What the others run in the tests of semaphores, events, conditions and barriers. The last argument is the line home. */
import type { Connection, Event, Semaphore } from 'polyproc';

/** Takes a permit, says how many are left, and gives it back when it is told to. */
export async function takeAndGiveBack(semaphore: Semaphore, line: Connection): Promise<void> {
	await semaphore.acquire();
	await line.send(semaphore.getValue());
	await line.recv();
	semaphore.release();
	line.close();
}

/** Says that it is there, and sets the event when it is told to. */
export async function setWhenTold(event: Event, line: Connection): Promise<void> {
	await line.send('ready');
	await line.recv();
	event.set();
	line.close();
}
