/** What operations do to a state. */
import type { Operation } from './replay.ts';
import { LIFE, type State } from './state.ts';

export function isOnMemory({ kind }: Pick<Operation, 'kind'>): boolean {
	return kind === 'load' || kind === 'store' || kind === 'add' || kind === 'exchange' || kind === 'compareExchange';
}

export function hasEnded(state: State, process: number): boolean {
	return state.lives[process] === LIFE.dead || state.places[process]!.operation === undefined;
}

export function sleepersOn(state: State, word: number): number[] {
	return [...state.lives.keys()].filter(
		(process) => state.lives[process] === LIFE.asleep && state.places[process]!.operation!.index === word,
	);
}

export function operate({ memory, ...state }: State, { kind, index, a, b }: Operation): void {
	if (kind === 'store' || kind === 'exchange') memory[index] = a;
	else if (kind === 'add') memory[index]! += a;
	else if (kind === 'compareExchange' && memory[index] === a) memory[index] = b;
	else if (kind === 'wake')
		for (const sleeper of sleepersOn({ memory, ...state }, index)) state.lives[sleeper] = LIFE.woken;
}
