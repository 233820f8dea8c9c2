/** Spinning for a guard, which is no step of a model. */
import type { Place, Replay } from './replay.ts';
import { LIFE, type State } from './state.ts';

/** Where a process is that pauses after a failed look at a guard. */
export function spin(state: State, replay: Replay, pausing: Place): Place {
	const guard = pausing.parent!.operation!.index;
	const holder = pausing.answer;
	if (state.lives[holder - 1] !== LIFE.dead) return firstLook(pausing, guard);
	let place = pausing;
	for (;;) {
		if (place.operation?.kind === 'pause') place = replay.next(place, 0);
		else if (isLook(place, guard)) place = replay.next(place, holder);
		else return place;
	}
}

function firstLook(pausing: Place, guard: number): Place {
	let first = pausing;
	for (let at = pausing.parent; at !== undefined; at = at.parent) {
		if (isLook(at, guard)) first = at;
		else if (at.operation?.kind !== 'pause' && at.operation?.kind !== 'isAlive') break;
	}
	return first;
}

function isLook(place: Place, guard: number): boolean {
	return place.operation?.kind === 'compareExchange' && place.operation.index === guard;
}
