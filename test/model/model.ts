/** What the explorer is given: some processes, their memory, what may happen to them, and what must hold. */
import type { Program } from './replay.ts';

export interface Model {
	/** Words of memory; all 0 but `initial`. */
	readonly size: number;
	readonly initial?: Readonly<Record<number, number>>;
	/** Participant 1, 2, … */
	readonly programs: readonly Program[];
	readonly records: readonly number[];
	/** Who may die at any step, and how many of them in one run. */
	readonly deaths?: { readonly of: readonly number[]; readonly most: number };
	onDeath?(memory: Int32Array, participant: number): void;
	/** Looks at a step of a participant, and may take notes in memory. */
	observe?(memory: Int32Array, before: Int32Array, participant: number): void;
	/** Sleepers wake by themselves: when nobody can run and somebody has died (the default), or whenever they sleep. */
	readonly ticks?: 'when stuck' | 'any time';
	/** For each guard the words that only its holder may touch. */
	readonly guarded?: ReadonlyMap<number, ReadonlySet<number>>;
	/**
	 * Whether a word is a participant's own now: nobody else touches it (`all`), or nobody else writes it (`loads`: only
	 * reading it need not be interleaved).
	 */
	own?(index: number, participant: number, memory: Int32Array): 'all' | 'loads' | undefined;
	/** Words that nobody writes. */
	readonly constant?: ReadonlySet<number>;
	/** What is wrong in a state, given the phases of the living. */
	invariant?(phases: readonly string[], memory: Int32Array): string | undefined;
	/** What is wrong when all have ended. */
	atEnd?(memory: Int32Array): string | undefined;
	wordName?(index: number): string;
}
