// Who runs this? One function says so: called directly, then in a child, then in five children at once. A lock keeps
// their lines apart, and the main code has ended before they are done: the program ends when they have.
import { currentProcess, isMain, Lock, Process } from 'polyproc';

export function whoAmI(label: string, lock: Lock): void {
	using _turn = lock.holdSync();
	const { name, pid } = currentProcess();
	console.log(`${label}: I am ${name}, process ${pid}`);
}

if (isMain(import.meta)) {
	const lock = new Lock();
	whoAmI('called directly', lock);

	const child = new Process({ target: whoAmI, args: ['in one child', lock] });
	await child.start();
	await child.join();

	using _lastWord = lock.holdSync(); // until the end of this block: nobody speaks before the main code has finished
	const labels = ['first', 'second', 'third', 'fourth', 'fifth'];
	await Promise.all(labels.map((label) => new Process({ target: whoAmI, args: [label, lock] }).start()));
	console.log('Main process exit.');
}
