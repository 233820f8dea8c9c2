/**
 * A progress bar on stderr; nothing where that is no terminal. The program may end at any moment, so the terminal is left as
 * it is (its cursor, its line wrapping), and whatever is said at the end begins on a line of its own.
 */
import type { SingleBar } from 'cli-progress';
import { afterFork } from '../base/after-fork.ts';
import { requireHere } from '../wire/lazy-require.ts';
import type { Progress } from './options.ts';

const SECOND = 1000;
/** Characters of a bar, and of everything beside it. */
const BAR = { shortest: 10, longest: 40 } as const;
const BESIDE = 60;
/** Characters of a line where the terminal does not say. */
const USUAL = 80;
/** Of values a second from which on no fraction is shown. */
const WHOLE = 10;

function inWords(ms: number): string {
	const seconds = Math.round(ms / SECOND);
	const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
	const clock = `${String(minutes).padStart(2, '0')}:${String(seconds % 60).padStart(2, '0')}`;
	return hours === 0 ? clock : `${hours}:${clock}`;
}

/** The words beside the bar. */
export function describeProgress({ done, total, failed, elapsed, rate, eta }: Progress): string {
	const count = total === undefined ? `${done}` : `${done}/${total}`;
	const speed = `${rate < WHOLE ? rate.toFixed(1) : Math.round(rate)}/s`;
	const end = eta === undefined || done === total ? `in ${inWords(elapsed)}` : `ETA ${inWords(eta)}`;
	return [count, speed, end, ...(failed > 0 ? [`${failed} failed`] : [])].join(' · ');
}

/** Those that are on the terminal. */
class ProgressBars {
	readonly #shown = new Set<ProgressBar>();

	add(bar: ProgressBar): void {
		if (this.#shown.size === 0) process.prependListener('exit', this.#end);
		this.#shown.add(bar);
	}

	delete(bar: ProgressBar): void {
		if (this.#shown.delete(bar) && this.#shown.size === 0) process.off('exit', this.#end);
	}

	/** Before the program's last words. */
	end(): void {
		for (const bar of [...this.#shown]) bar.end();
	}

	/** In a forked child: they are its parent's. */
	disown(): void {
		this.#shown.clear();
		process.off('exit', this.#end);
	}

	readonly #end = (): void => this.end();
}

/** This thread's. */
export const progressBars: ProgressBars = new ProgressBars();

afterFork(() => progressBars.disown());

function lengthOn(columns: number): number {
	return Math.max(BAR.shortest, Math.min(BAR.longest, columns - BESIDE));
}

export class ProgressBar {
	readonly #bar: SingleBar | undefined;
	#last: Progress | undefined;

	constructor(total: number | undefined) {
		if (!process.stderr.isTTY) return;
		const { SingleBar: Bar } = requireHere('cli-progress') as typeof import('cli-progress');
		const [on, off] = process.env.NO_COLOR ? ['', ''] : ['\u001b[36m', '\u001b[39m'];
		this.#bar = new Bar({
			stream: process.stderr,
			format: total === undefined ? '{words}' : `${on}{bar}${off} {percentage} % · {words}`,
			barCompleteChar: '█',
			barIncompleteChar: '░',
			barsize: lengthOn(process.stderr.columns || USUAL),
			hideCursor: false,
			linewrap: true,
			clearOnComplete: false,
			gracefulExit: false,
		});
		this.#bar.start(total ?? 1, 0, { words: '' });
		progressBars.add(this);
	}

	show(progress: Progress): void {
		this.#last = progress;
		this.#bar?.update(Math.min(progress.done, progress.total ?? 0), { words: describeProgress(progress) });
	}

	end(): void {
		if (this.#bar === undefined) return;
		if (this.#last !== undefined) this.show(this.#last);
		this.#bar.stop();
		progressBars.delete(this);
	}
}
