/** What the children of the tests of shared values and memory run. */
import { type Connection, type RawArray, type RawValue, type ShareableList, SharedMemory } from 'polyproc';

type Written = number | bigint | string;

/** Writes to every value. */
export function writeAll(values: readonly RawValue[], written: readonly Written[]): void {
	values.forEach((value, i) => {
		value.value = written[i] as never;
	});
}

/** Running sums, in place. */
export function sumUp(array: RawArray<'i'>): void {
	for (let i = 1; i < array.length; i++) array.set(i, array.at(i) + array.at(i - 1));
}

export interface Everything {
	readonly x: RawValue<'i'>;
	readonly y: RawValue<'d'>;
	readonly long: RawValue<'q'>;
	readonly foo: RawValue & { value: { x: number; y: number } };
	readonly array: RawArray<'d'>;
	readonly text: RawArray<'c'>;
}

export function double({ x, y, long, foo, array, text }: Everything): void {
	x.value *= 2;
	y.value *= 2;
	long.value *= 2n;
	foo.value.x *= 2;
	foo.value.y *= 2;
	text.value = text.value.repeat(2);
	for (let i = 0; i < array.length; i++) array.set(i, array.at(i) * 2);
}

export function writeByName(name: string, place: number, bytes: string): void {
	using memory = new SharedMemory({ name });
	memory.buf.set(Buffer.from(bytes), place);
}

export function writeByHandle(memory: SharedMemory, place: number, bytes: string): void {
	memory.buf.set(Buffer.from(bytes), place);
	memory.close();
}

export function writeToList(list: ShareableList): void {
	list.set(0, 'from a child');
	list.shm.close();
}

/** Creates memory, tells its name, and ends, or is going to be killed. */
export function create(report: Connection, ends: boolean): void {
	const memory = new SharedMemory({ create: true, size: 10 });
	memory.buf[0] = 7;
	report.sendSync(memory.name);
	if (!ends) setInterval(() => undefined, 1e6);
}
