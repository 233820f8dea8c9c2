/** The promise of what a task returns, and what else can be asked of it. */
import { ProcessError } from '../base/errors.ts';

/** Who settles a task, and knows about it. */
export interface TaskControl {
	resolve: (value: never) => void;
	reject: (error: unknown) => void;
	/** `undefined` while it is not settled; then whether it was fulfilled. */
	readonly fulfilled: boolean | undefined;
	/** False: it is settled. */
	cancel(reason: unknown): boolean;
	/** Who runs it. */
	readonly worker: { readonly pid: number } | undefined;
	/** What to call it in messages. */
	readonly label: string;
}

/**
 * A function call that a pool has taken on: a promise of its result.
 *
 * @example
 * const task = pool.apply(render, [page]);
 * setTimeout(() => task.cancel(), 1000);
 * const image = await task;
 */
export class Task<R> extends Promise<R> {
	readonly #control: TaskControl | undefined;

	/** @internal Tasks are made by pools. */
	constructor(control: TaskControl | ((resolve: (value: R) => void, reject: (error: unknown) => void) => void)) {
		if (typeof control === 'function') {
			super(control);
			return;
		}
		super((resolve, reject) => {
			control.resolve = resolve as TaskControl['resolve'];
			control.reject = reject;
		});
		this.#control = control;
	}

	/** @internal What `make` makes, or a task that rejects with what it throws. */
	static guarded(make: () => Task<unknown>): Task<unknown> {
		try {
			return make();
		} catch (error) {
			return Task.#failed(error);
		}
	}

	static #failed(error: unknown): Task<never> {
		const control: TaskControl = {
			resolve: () => {},
			reject: () => {},
			fulfilled: false,
			cancel: () => false,
			worker: undefined,
			label: 'the task',
		};
		const task = new Task<never>(control);
		control.reject(error);
		return task;
	}

	/** What `then` makes of a task is a promise like any other. */
	static override get [Symbol.species](): PromiseConstructor {
		return Promise;
	}

	/** Whether it has been settled: with a result or with an error. */
	get ready(): boolean {
		return this.#control?.fulfilled !== undefined;
	}

	/**
	 * Whether it has been settled with a result.
	 *
	 * @throws ProcessError while it is not `ready`
	 */
	successful(): boolean {
		const fulfilled = this.#control?.fulfilled;
		if (fulfilled !== undefined) return fulfilled;
		throw new ProcessError(
			`successful: ${this.#control?.label ?? 'the task'} is not settled yet; ask when it is ready, or await it.`,
			{ code: 'ERR_MP_TASK_STATE' },
		);
	}

	/**
	 * Calls it off: a waiting task is forgotten, the worker of a running one is killed and replaced. The task rejects with
	 * `reason`, by default a CancelledError.
	 *
	 * @returns false if it was settled already
	 */
	cancel(reason?: unknown): boolean {
		return this.#control?.cancel(reason) ?? false;
	}

	/** Who runs it, while it is running. */
	get worker(): { readonly pid: number } | undefined {
		return this.#control?.worker;
	}
}

/** Whoever called it off, or ended the pool, knows what becomes of it: its rejection is not one that nobody has thought of. */
export function expectRejection(task: Promise<unknown>): void {
	task.catch(() => {});
}
