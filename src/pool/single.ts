/** The task of one call. */
import { CancelledError } from '../base/errors.ts';
import type { Crew } from './crew.ts';
import { nameOf } from './functions.ts';
import type { Limits } from './options.ts';
import type { TaskControl } from './task.ts';
import { expectRejection, Task } from './task.ts';
import { Call, type Client } from './work.ts';

type AnyFunction = (...args: never[]) => unknown;

/** What a task is called off with when nobody says why. */
export function cancelled(label: string): CancelledError {
	return new CancelledError(`${label} was called off.`);
}

/** Calls a task off when a signal is aborted. Returns what ends that. */
export function obey(signal: AbortSignal | undefined, task: TaskControl): () => void {
	if (signal === undefined) return nothing;
	const onAbort = (): void => void task.cancel(signal.reason);
	if (signal.aborted) {
		onAbort();
		return nothing;
	}
	signal.addEventListener('abort', onAbort, { once: true });
	return () => signal.removeEventListener('abort', onAbort);
}

function nothing(): void {}

export class SingleCall implements TaskControl, Client {
	resolve!: (value: never) => void;
	reject!: (error: unknown) => void;
	fulfilled: boolean | undefined;
	readonly task: Task<unknown>;
	readonly label: string;
	readonly #crew: Crew;
	readonly #disobey: () => void = nothing;
	#work: Call | undefined;

	constructor(crew: Crew, target: AnyFunction, args: readonly unknown[], limits: Limits) {
		this.#crew = crew;
		this.label = nameOf(target);
		this.task = new Task(this);
		this.#begin(target, args, limits);
		if (this.fulfilled === undefined) this.#disobey = obey(limits.signal, this);
	}

	#begin(target: AnyFunction, args: readonly unknown[], limits: Limits): void {
		if (limits.signal?.aborted === true) {
			this.failed(limits.signal.reason);
			return;
		}
		try {
			const shared = this.#crew.functions.reference(target);
			this.#work = new Call(this, limits, { target, shared, args });
			this.#crew.submit(this.#work);
		} catch (error) {
			this.failed(error);
		}
	}

	get worker(): { readonly pid: number } | undefined {
		const worker = this.#work?.worker;
		return worker?.sent[0] === this.#work ? worker?.host : undefined;
	}

	cancel(reason: unknown = cancelled(this.label)): boolean {
		if (this.fulfilled !== undefined || this.#work === undefined) return false;
		expectRejection(this.task);
		return this.#crew.cancel(this.#work, reason);
	}

	succeeded(value: unknown): void {
		this.fulfilled = true;
		this.#disobey();
		this.resolve(value as never);
	}

	failed(error: unknown): void {
		this.fulfilled = false;
		this.#disobey();
		if (this.#crew.state === 'terminated') expectRejection(this.task);
		this.reject(error);
	}
}
