/**
 * Telling code that runs because a module was imported from code that runs because the target was called. Only the
 * latter may start processes: a program that starts them while it is being imported would do so again in every child,
 * for ever.
 *
 * While the modules load there is nothing else. What they leave behind (a timer, a request) may start a process later,
 * so if they leave anything, code set off by it stays recognisable through its asynchronous context. That has a price
 * on older Nodes, so it is given up when nothing is left.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { self } from '../self.ts';

/** Resources that do not run a module's code later by themselves: standard streams, a loader's own thread. */
const HARMLESS: ReadonlySet<string> = new Set(['MessagePort', 'PipeWrap', 'TTYWrap', 'Worker']);
/** A file being closed: the loader's, or one whose reader goes on when it is closed. It is over in a moment. */
const PASSING = 'CloseReq';
const MOST_TURNS = 1000;

export class LoadingScope {
	readonly #context: AsyncLocalStorage<true> = new AsyncLocalStorage();

	run<T>(load: () => Promise<T>): Promise<T> {
		self.isLoading = () => self.phase === 'loading' || this.#context.getStore() === true;
		return this.#context.run(true, load);
	}

	/** After loading: lets everything run that can run at once, then looks at what is left. */
	async settle(): Promise<void> {
		let left: string[];
		let turns = 0;
		do {
			await new Promise((resolve) => setImmediate(resolve));
			left = process.getActiveResourcesInfo().filter((resource) => !HARMLESS.has(resource));
		} while (left.length > 0 && left.every((resource) => resource === PASSING) && ++turns < MOST_TURNS);
		if (left.length > 0) return;
		this.#context.disable();
		self.isLoading = () => self.phase === 'loading';
	}
}
