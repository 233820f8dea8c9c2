// Values in shared memory, updated three times: by the parent, by children one after another, by children at once.
// What is shared all of them see; the module's own variable each process has for itself.
import { isMain, Process, SharedArray, Value } from 'polyproc';

const PROCESSES = 3;
let global = PROCESSES;

/** What each does: adds its number to the scalar and to the variable, and doubles its element of the array. */
export function update(scalar: Value<'i'>, array: SharedArray<'d'>, index: number): void {
	global += index;
	scalar.add(index); // atomic: needs no lock
	using _held = array.holdSync(); // reading, then writing: needs one
	array.set(index, array.at(index) * 2);
}

if (isMain(import.meta)) {
	const scalar = new Value('i', PROCESSES);
	const array = new SharedArray('d', new Array(PROCESSES).fill(1));
	const show = (who: string): void =>
		console.log(`${who}: scalar ${scalar.value}, array ${array.view}, global ${global}`);
	const child = (index: number): Process => new Process({ target: update, args: [scalar, array, index] });
	show('at first');

	for (let index = 0; index < PROCESSES; index++) update(scalar, array, index);
	show('updated by the parent');

	for (let index = 0; index < PROCESSES; index++) {
		const process = child(index);
		await process.start();
		await process.join();
	}
	show('by children one after another');

	const children = Array.from({ length: PROCESSES }, (_, index) => child(index));
	await Promise.all(children.map((process) => process.start()));
	await Promise.all(children.map((process) => process.join()));
	show('by children at the same time');
}
