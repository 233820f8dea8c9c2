/** What the children of the tests of shared values run. */
import type { Connection, RawArray, SharedArray, Value } from 'polyproc';

export function addMany(value: Value<'i'>, times: number): void {
	for (let i = 0; i < times; i++) value.add(1);
}

/** Reads and writes in two steps, under the value's lock. */
export function incrementLocked(value: Value<'i'>, times: number): void {
	for (let i = 0; i < times; i++) {
		using _held = value.holdSync();
		value.value++;
	}
}

export function fillView(array: RawArray<'d'>, value: number): void {
	array.view.fill(value);
}

export interface Everything {
	readonly number: Value<'i'>;
	readonly text: SharedArray<'c'>;
	readonly nested: readonly RawArray<'q'>[];
}

/** Values that arrived as fields of an argument. */
export function changeEverything({ number, text, nested }: Everything): void {
	number.value = 7;
	text.value = 'child';
	for (const array of nested) array.set(-1, 2n ** 40n);
}

interface Particle {
	x: number;
	readonly speeds: RawArray<'f'>;
	tag: string;
}

export function moveParticle(particle: { value: Particle }, all: { at(index: number): Particle }): void {
	particle.value.x += 1;
	particle.value.speeds.set(1, 0.5);
	all.at(-1).tag = 'moved';
}

/** Is sent values, keeps them, and answers with what they are; forgets them when told to. */
export async function keepValues(control: Connection): Promise<void> {
	let kept: Value<'i'>[] = [];
	for await (const message of control) {
		if (message === 'sum') await control.send(kept.reduce((sum, { value }) => sum + value, 0));
		else if (message === 'forget') kept = [];
		else kept.push(message as Value<'i'>);
	}
}

/** Has the lock of a value and never gives it back. */
export function holdAndChange(value: Value<'i'>, report: Connection): void {
	value.acquireSync();
	value.value = 13;
	report.sendSync('has it');
	setInterval(() => undefined, 1e6);
}

export function addForEver(value: Value<'i'>, report: Connection): void {
	report.sendSync('adds');
	for (;;) value.add(1);
}
