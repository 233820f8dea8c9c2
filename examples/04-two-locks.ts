// Two functions take two locks, one x then y, the other y then x: with threads this hangs for ever. Here the youngest
// wait of the circle ends with an error that names it. Beside it the version that passes values and needs no lock.
import { type Connection, DeadlockError, Event, isMain, Lock, Pipe, Process } from 'polyproc';

export function takeBoth(first: Lock, second: Lock, mine: Event, other: Event): void {
	using _first = first.holdSync();
	mine.set();
	other.waitSync(); // now each has one lock
	try {
		using _second = second.holdSync();
		console.log('one of them has both locks');
	} catch (error) {
		if (!(error instanceof DeadlockError)) throw error;
		console.log(`${error.name}:`);
		for (const { process, waitsFor, heldBy } of error.cycle) {
			console.log(`  ${process} waits for ${waitsFor}, which ${heldBy} has`);
		}
	}
}

/** Has x to itself: whoever wants it to change sends a message. */
export async function keepX(messages: Connection, total: Connection): Promise<void> {
	let x = 0;
	for await (const change of messages) x += change as number;
	await total.send(x);
}

if (isMain(import.meta)) {
	const [x, y] = [new Lock(), new Lock()];
	const [one, two] = [new Event(), new Event()];
	const takers = [
		new Process({ target: takeBoth, args: [x, y, one, two], name: 'x then y' }),
		new Process({ target: takeBoth, args: [y, x, two, one], name: 'y then x' }),
	];
	for (const taker of takers) await taker.start();
	for (const taker of takers) await taker.join();

	const [changes, changer] = Pipe({ duplex: false });
	const [result, total] = Pipe({ duplex: false });
	const keeper = new Process({ target: keepX, args: [changes, total] });
	await keeper.start();
	for (const change of [1, 2, 3]) await changer.send(change);
	changer.close();
	console.log('without locks x is', await result.recv());
	await keeper.join();
}
