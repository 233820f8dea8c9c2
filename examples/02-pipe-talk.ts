// Two ways to use a pipe: one child only sends, another one sends and gets an answer back over the same pipe. What
// travels are ordinary values: a list, an object, a Set.
import { type Connection, isMain, Pipe, Process } from 'polyproc';

export async function sendList(parent: Connection): Promise<void> {
	await parent.send(['pipe', 42, null, ['nested', true]]);
}

export async function ask(parent: Connection): Promise<void> {
	await parent.send({ sort: 'fruit', starting: 'p', count: 3 });
	console.log('child received', await parent.recv());
}

if (isMain(import.meta)) {
	const [reader, writer] = Pipe({ duplex: false });
	const sender = new Process({ target: sendList, args: [writer] });
	await sender.start();
	console.log('parent received', await reader.recv());
	await sender.join();

	const [here, there] = Pipe();
	const asker = new Process({ target: ask, args: [there] });
	await asker.start();
	console.log('parent received', await here.recv());
	await here.send(new Set(['pear', 'plum', 'peach']));
	await asker.join();
}
