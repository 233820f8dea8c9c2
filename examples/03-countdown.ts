// The smallest program: two processes count down at the same time.
import { currentProcess, isMain, Process } from 'polyproc';

export function countDown(from: number): void {
	for (let n = from; n > 0; n--) console.log(`${currentProcess().name}: ${n}`);
}

if (isMain(import.meta)) {
	const ten = new Process({ target: countDown, args: [10], name: 'ten' });
	const twenty = new Process({ target: countDown, args: [20], name: 'twenty' });
	await Promise.all([ten.start(), twenty.start()]);
	await Promise.all([ten.join(), twenty.join()]);
	console.log('Both are done.');
}
