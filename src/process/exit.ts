/**
 * The end of a process, in CPython's order: its own pending work is done, the program's `'exit'` handlers have run;
 * then finalizers of priority 0 and above, daemons terminated, the other children joined, the remaining finalizers, and
 * everything shared is let go.
 *
 * Node runs `'exit'` handlers in the order they were added. Ours must be the last, also behind those added later: when
 * one is being added, ours is taken off and put back behind it. Handlers can only be added by running code, so there is
 * a microtask to do it in, except right before `process.exit()`: then ours would be missing, and `first` does its work.
 */
import { inspect } from 'node:util';
import { afterFork, keepAfterFork } from '../base/after-fork.ts';
import { leaveFamily, onFarewellNeeded } from '../memory/inheritance.ts';
import { log } from './log.ts';
import { self } from './self.ts';

/** What has to be done, in this order. */
export const ENDING = {
	finalize: 0,
	terminateDaemons: 1,
	joinOthers: 2,
	finalizeLast: 3,
} as const;

/** What the system keeps of an exit code. */
const EXIT_CODE_BITS = 0xff;

type Step = () => void;

/** The exit code of a program that ends by an error. */
const FAILED = 1;
/** Node's exit codes for an error in an error handler and for a top-level await that never settled: it prints after us. */
const NODE_STILL_PRINTS = [7, 13];

/** What a child runs. */
interface Run {
	atExit(code: number): void;
	atUncaught(error: unknown): void;
}

const waitForNobody = (): boolean => false;

export class ExitSequence {
	#installed = false;
	#inPlace = false;
	#isEnding = false;
	#done = false;
	/** The uncaught error that ends this process. Node prints it only after the handlers have run. */
	#fatal: { error: unknown } | undefined;
	#isForked = false;
	#leave: ((code: number) => void) | undefined;
	#run: Run | undefined;
	#steps: Step[] = [];
	/** Whether somebody has to be waited for. */
	#mustWait: () => boolean = waitForNobody;

	constructor() {
		keepAfterFork(this.#first, this.#last, this.#onNewListener, this.#onUncaught);
	}

	/** From now on this process ends in order. Cheap; called with the first child, finalizer, and in every child. */
	install(): void {
		if (this.#installed) return;
		this.#installed = true;
		process.prependListener('exit', this.#first);
		this.#putLast();
		process.on('newListener', this.#onNewListener);
		process.on('uncaughtExceptionMonitor', this.#onUncaught);
	}

	/** In a forked child: it ends on its own account, and past Node's winding down, always. */
	restart(): void {
		this.#isEnding = false;
		this.#done = false;
		this.#fatal = undefined;
		this.#run = undefined;
		this.#steps = [];
		this.#mustWait = waitForNobody;
		this.#isForked = true;
	}

	/** What has been installed is taken back. */
	uninstall(): void {
		this.#installed = false;
		this.#inPlace = false;
		process.removeListener('exit', this.#first);
		process.removeListener('exit', this.#last);
		process.removeListener('newListener', this.#onNewListener);
		process.removeListener('uncaughtExceptionMonitor', this.#onUncaught);
	}

	/** In a child: who tells how the run came out, before anybody else hears of the end. */
	reportBy(run: Run): void {
		this.#run = run;
	}

	/** Says what a part of the end consists of. Those who have nothing to end are never loaded. */
	define(part: keyof typeof ENDING, step: Step): void {
		this.install();
		this.#steps[ENDING[part]] = step;
	}

	/** Says how to tell whether the end may take long. */
	waitsWhen(mustWait: () => boolean): void {
		this.#mustWait = mustWait;
	}

	/** What to do instead of letting Node wind down by itself, once everything is done. */
	leaveWith(leave: (code: number) => void): void {
		this.#leave = leave;
	}

	#putLast(): void {
		if (this.#inPlace) return;
		this.#inPlace = true;
		process.on('exit', this.#last);
	}

	readonly #onNewListener = (event: string | symbol, listener: unknown): void => {
		if (event !== 'exit' || listener === this.#last || !this.#inPlace) return;
		this.#inPlace = false;
		process.off('exit', this.#last);
		queueMicrotask(() => this.#putLast());
	};

	readonly #onUncaught = (error: unknown): void => {
		this.#run?.atUncaught(error);
		const handled = process.listenerCount('uncaughtException') > 0 || process.hasUncaughtExceptionCaptureCallback();
		if (handled) return;
		this.#fatal = { error };
		// A handler of 'exit' has thrown: no other one is called, but what ours does is due.
		if (this.#isEnding) this.#last(FAILED);
	};

	readonly #first = (code: number): void => {
		this.#isEnding = true;
		this.#run?.atExit(code);
		if (!this.#inPlace) this.#last(code);
	};

	readonly #last = (code: number): void => {
		if (this.#done) return;
		this.#done = true;
		log('info', 'process shutting down');
		this.#reportBeforeWaiting();
		for (const step of this.#steps) step?.();
		leaveFamily();
		const final = Number(process.exitCode ?? code);
		if (!self.isRoot) log('info', `process exiting with exitcode ${final & EXIT_CODE_BITS}`);
		if (this.#isForked) this.#leaveForked(final);
		if (this.#fatal === undefined && !NODE_STILL_PRINTS.includes(final)) this.#leave?.(final);
	};

	/** Node would print the error after us, and then wait for threads that do not exist. */
	#leaveForked(code: number): void {
		if (this.#fatal !== undefined) process.stderr.write(`Uncaught:\n${inspect(this.#fatal.error)}\n`);
		this.#leave?.(code);
	}

	/** Children may run for long yet; the reason why this process ends should not wait for them. */
	#reportBeforeWaiting(): void {
		if (this.#fatal !== undefined && this.#mustWait()) {
			process.stderr.write(
				`polyproc: ending because of this error, once the children have ended:\n${inspect(this.#fatal.error)}\n`,
			);
		}
	}
}

/** This thread's. */
export const exitSequence: ExitSequence = new ExitSequence();

onFarewellNeeded(() => exitSequence.install());
afterFork(() => exitSequence.restart());
