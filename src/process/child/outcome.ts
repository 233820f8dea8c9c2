/**
 * How a child's run came out, and what is said about it on stderr: one message, complete, naming the process. Also
 * notices the two ends that look like success and are not: a module that ends the process while it is imported, and a
 * run whose promise can never settle.
 */
import { inspect } from 'node:util';

const FAILURE = 1;
/** The guard's error says everything by itself (process/guard.ts). */
const MAIN_GUARD = 'ERR_MP_MAIN_GUARD';
/** Node's own code for a promise the program waits for and nothing can settle any more. */
const UNSETTLED = 13;

type Stage = 'loading' | 'running' | 'finished';

/** Whether a target has not done everything when it returns. */
export function isThenable(result: unknown): result is PromiseLike<unknown> {
	return (
		((typeof result === 'object' && result !== null) || typeof result === 'function') &&
		typeof (result as { then?: unknown }).then === 'function'
	);
}

export class Outcome {
	readonly #name: string;
	#stage: Stage = 'loading';
	/** The event loop has nothing left to do. */
	#idle = false;

	readonly #inNextTurn: (then: () => void) => void;

	constructor(name: string, inNextTurn: (then: () => void) => void = (then) => void setImmediate(then).unref()) {
		this.#name = name;
		this.#inNextTurn = inNextTurn;
	}

	running(): void {
		this.#stage = 'running';
	}

	/** The run has not ended with the call. */
	waiting(): void {
		process.on('beforeExit', () => {
			this.#idle = true;
			this.#inNextTurn(() => {
				this.#idle = false;
			});
		});
	}

	finished(): void {
		this.#stage = 'finished';
	}

	/** Ends the process, unless the program handles uncaught errors itself. */
	failed(error: unknown): void {
		const stage = this.#stage;
		this.#stage = 'finished';
		if (stage === 'running' && process.listenerCount('uncaughtException') > 0) {
			process.nextTick(() => {
				throw error;
			});
			return;
		}
		this.#print(stage === 'loading' ? loadingFailure(error) : inspect(error));
		process.exit(FAILURE);
	}

	/** In CommonJS the guard's error is a rejection nobody handles: said as it is said when an import rejects. */
	atUncaught(error: unknown): void {
		if (!isMainGuard(error) || process.listenerCount('uncaughtException') > 0) return;
		this.#stage = 'finished';
		this.#print(loadingFailure(error));
		process.exit(FAILURE);
	}

	atExit(code: number): void {
		if (this.#stage === 'finished' || code !== 0) return;
		if (this.#stage === 'loading') {
			this.#print(
				'ended while the modules of its target were being imported: one of them called process.exit(), or waits for something that never happens. The target was not called.',
			);
			process.exitCode = FAILURE;
		} else if (this.#idle) {
			this.#print('run() returned a promise that nothing is left to settle.');
			process.exitCode = UNSETTLED;
		}
	}

	#print(text: string): void {
		process.stderr.write(`Process ${this.#name}:\n${text}\n`);
	}
}

/** The guard's message says everything; so does a missing module's or export's. Behind it is the module's own error. */
function loadingFailure(error: unknown): string {
	for (let cause = error; cause instanceof Error; cause = cause.cause as Error) {
		if (isMainGuard(cause)) return `${cause.name}: ${cause.message}`;
	}
	return `its target could not be loaded.\n${inspect(error)}`;
}

function isMainGuard(error: unknown): boolean {
	return error instanceof Error && 'code' in error && error.code === MAIN_GUARD;
}
