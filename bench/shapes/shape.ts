/** What a benchmark is: one thing to do, the programs that do it, and how polyproc must compare. */

/** Who does it. Each has a folder in bench/drivers with one program per shape. */
export type Rival = 'python' | 'node';

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
	readonly unit: '/s' | 'ms' | 'MB';
	/** A measurement is a single run, and so many rounds are needed to tell a small difference from noise. */
	readonly rounds?: number;
	/** Node options that our program needs. */
	readonly execArgv?: readonly string[];
	/** What it is compared with and what is asked; `null`: shown for information. */
	readonly rivals: Partial<Record<Rival, { readonly is: string; readonly target: Target | null }>>;
}
