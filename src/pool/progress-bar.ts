/** A progress bar on stderr; nothing where that is no terminal. */
import type { SingleBar } from 'cli-progress';
import { requireHere } from '../wire/lazy-require.ts';
import type { Progress } from './options.ts';

const SECOND = 1000;
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
			hideCursor: true,
			clearOnComplete: false,
			gracefulExit: false,
		});
		this.#bar.start(total ?? 1, 0, { words: '' });
	}

	show(progress: Progress): void {
		this.#last = progress;
		this.#bar?.update(Math.min(progress.done, progress.total ?? 0), { words: describeProgress(progress) });
	}

	end(): void {
		if (this.#bar === undefined) return;
		if (this.#last !== undefined) this.show(this.#last);
		this.#bar.stop();
	}
}
