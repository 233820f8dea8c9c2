/** Objects that are counted, in the process that they are made in. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { BaseManager, Remote } from 'polyproc';

const everybody = new Set<WeakRef<object>>();

export class Inhabitant {
	constructor() {
		everybody.add(new WeakRef(this));
	}

	isAlive(): boolean {
		return true;
	}
}

export class Census {
	/** Of those that nothing holds any more none is left. */
	count(): number {
		setFlagsFromString('--expose-gc');
		(runInNewContext('gc') as () => void)();
		return [...everybody].filter((one) => one.deref() !== undefined).length;
	}
}

interface Town extends BaseManager {
	Inhabitant(): Promise<Remote<Inhabitant>>;
}

/** Makes ten, and keeps them until it is killed. */
export async function keepAndTell(manager: Town, another: Remote<Inhabitant>): Promise<void> {
	const kept = await Promise.all(Array.from({ length: 10 }, () => manager.Inhabitant()));
	setInterval(() => [kept.length, another], 1000);
}
