/** What a benchmark is: one thing to do, the programs that do it, and how polyproc must compare. */

/**
 * Who does it. Python, Node and polyproc have a folder in bench/drivers with one program per shape; pools of tasks are
 * measured by the same programs, in the folder `pools`, for all libraries.
 */
export type Rival = 'python' | 'node' | PoolRival;

export const POOL_RIVALS = [
	'tinypool-processes',
	'tinypool-threads',
	'workerpool-processes',
	'workerpool-threads',
	'piscina',
] as const;

export type PoolRival = (typeof POOL_RIVALS)[number];

/**
 * How ours must compare with a rival's value: `atLeast` and `atMost` are ours ÷ theirs, `within` is ours − theirs. `below`
 * is ours alone, whatever theirs is.
 */
export type Target = { atLeast: number } | { atMost: number } | { within: number } | { below: number };

/** One line of the table for every rival. */
export interface Shape {
	/** File name of its programs, and what `--only` takes. */
	readonly name: string;
	/** What is counted or timed, for the reader of the table. */
	readonly what: string;
	/** Per second: more is better. Milliseconds and megabytes: less is better. */
	readonly unit: '/s' | 'ms' | 'MB' | '×';
	/** A measurement is a single run, and so many rounds are needed to tell a small difference from noise. */
	readonly rounds?: number;
	/** Our own way in a shape that is measured by the programs for pools. */
	readonly pool?: 'ours' | 'ours-threads';
	/** The program's name, where it is not the shape's. */
	readonly program?: string;
	/** Node options that our program needs. */
	readonly execArgv?: readonly string[];
	/** What it is compared with and what is asked; `null`: shown for information. */
	readonly rivals: Partial<Record<Rival, { readonly is: string; readonly target: Target | null }>>;
}
