/** What the others run in the tests of semaphores, events, conditions and barriers. The last argument is the line home. */
import type { Barrier, Condition, Connection, Event, Semaphore } from 'polyproc';

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

/** Waits for a notification, here with an event loop, there without; what came of it goes home. */
export async function sleepOn(
	condition: Condition,
	form: 'wait' | 'waitSync',
	timeout: number | undefined,
	line: Connection,
): Promise<void> {
	await condition.acquire();
	await line.send('about to sleep'); // nobody gets the lock before it sleeps
	const woken = await condition[form](timeout);
	condition.release();
	await line.send(woken);
	line.close();
}

/** Says so when the state is 0, and ends well when it has become 4. */
export async function waitForFour(
	condition: Condition,
	form: 'waitFor' | 'waitForSync',
	state: Semaphore,
	line: Connection,
): Promise<void> {
	await condition.acquire();
	await line.send(await condition[form](() => state.getValue() === 0));
	await line.send(await condition[form](() => state.getValue() === 4));
	condition.release();
	line.close();
}

/** Waits for what never comes, for so long; tells whether it came, and how long it waited. */
export async function waitForFive(
	condition: Condition,
	form: 'waitFor' | 'waitForSync',
	state: Semaphore,
	timeout: number,
	line: Connection,
): Promise<void> {
	await condition.acquire();
	await line.send('about to sleep');
	const start = performance.now();
	const came = await condition[form](() => state.getValue() === 5, timeout);
	await line.send([came, performance.now() - start]);
	condition.release();
	line.close();
}

/** What can be done at a barrier, as text: it travels in a list of steps. */
export type Step = 'wait' | 'waitSync' | 'abort' | 'reset';

/** Does what it is told, one step after the other, and tells what came of each, until it may go. A forked child would wait for the end of the line for ever: it has both ends. */
export async function obeyAt(barrier: Barrier, line: Connection): Promise<void> {
	for await (const step of line) {
		if (step === 'go') return;
		const [what, timeout] = step as [Step, number | undefined];
		try {
			if (what === 'abort' || what === 'reset') barrier[what]();
			await line.send(what === 'wait' || what === 'waitSync' ? await barrier[what](timeout) : 'done');
		} catch (error) {
			await line.send((error as Error).name);
		}
	}
}

/** Comes so often; each time everybody must have come before anybody goes on. The last word is how often that held. */
export async function meet(
	barrier: Barrier,
	form: 'wait' | 'waitSync',
	rounds: number,
	arrivals: Semaphore,
	line: Connection,
): Promise<void> {
	let right = 0;
	for (let round = 1; round <= rounds; round++) {
		arrivals.release();
		const index = await barrier[form]();
		const come = arrivals.getValue() - round * barrier.parties;
		if (come >= 0 && come < barrier.parties && index >= 0 && index < barrier.parties) right++;
	}
	await line.send(right);
	line.close();
}
