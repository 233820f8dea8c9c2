/**
 * A worker, as its pool sees it: what it has been sent, in order, and what came back. The first of what it has been sent
 * is what it runs; the others wait, and can be taken back (claims.ts).
 */

import { now } from '../base/deadline.ts';
import { BrokenPipeError } from '../base/errors.ts';
import type { PendingHolds } from '../memory/family.ts';
import { decodeThrownAsync } from '../wire/remote-error.ts';
import { CLAIM, CLAIMS, TASK_NUMBERS } from './claims.ts';
import type { SharedFunction } from './functions.ts';
import type { Host } from './host.ts';
import { Line, type Listener, type Unpickled } from './line.ts';
import { HEADER_BYTES, type Header, LARGE, ORDER, REPORT, renumber, Header as Sheet } from './messages.ts';
import type { Assignee, Work } from './work.ts';

/** What a worker tells its pool. */
export interface Overseer {
	/** Its initializer has run. */
	started(worker: Worker): void;
	/** Its initializer has failed. */
	unfit(worker: Worker, error: unknown): void;
	/** It has room again. */
	cleared(worker: Worker): void;
	/** What it ran came to an end: `work` is settled by the overseer. It may have room for more. */
	finished(worker: Worker, work: Work, report: Report): void;
}

/** What came of a work. */
export interface Report {
	readonly kind: number;
	readonly content: Unpickled;
	/** Milliseconds it took. */
	readonly ms: number;
}

/** Figures of one worker. Milliseconds. */
export interface WorkerStats {
	readonly pid: number;
	/** Calls it has made. */
	readonly tasks: number;
	readonly busy: number;
	readonly waiting: number;
	/** From when it was started until its initializer had run. */
	readonly startup: number;
}

const sheet = new Sheet();

export class Worker implements Listener, Assignee {
	readonly host: Host;
	readonly #line: Line;
	readonly #overseer: Overseer;
	/** What it has been sent and not reported, the first of it running. */
	readonly sent: Work[] = [];
	readonly #known = new Set<SharedFunction>();
	readonly #startedAt: number;
	#readyAt = 0;
	#next = 0;
	#busy = 0;
	#isDismissed = false;
	#isGone = false;
	/** Tasks it has finished, and tasks it has been sent and not been taken back. */
	tasks = 0;
	assigned = 0;
	/** It gets nothing more to do, and ends when it has done what it has. */
	isLeaving = false;
	/** It is as good as dead: what it has not reported is not to be reported. */
	isCondemned = false;
	/** What ended it, if it could say. */
	crash: Promise<unknown> | undefined;

	constructor(host: Host, overseer: Overseer, startedAt: number) {
		this.host = host;
		this.#overseer = overseer;
		this.#startedAt = startedAt;
		this.#line = new Line(host.connection, this);
	}

	get isReady(): boolean {
		return this.#readyAt > 0;
	}

	/** Whether it can be sent one more. */
	get hasRoom(): boolean {
		if (this.#isGone || !this.isReady || this.isLeaving || this.isCondemned || !this.#line.isClear) return false;
		const first = this.sent[0];
		return first === undefined || distance(first.task, this.#next) < CLAIMS;
	}

	/** Waits for what it has to say first. */
	listen(): void {
		this.#line.listen();
	}

	/**
	 * Sends it something to do. False: it could not understand it, and must be replaced by one that can.
	 *
	 * @throws PicklingError
	 */
	send(work: Work): boolean {
		const order = work.order();
		if (!this.#understands(order) || (work.fn !== undefined && !this.#understands(work.fn.order))) return false;
		if (work.fn !== undefined) this.#teach(work.fn);
		work.task = this.#next;
		this.host.claims.offer(work.task);
		renumber(order, work.task);
		this.#tell(order, work.holds);
		this.#next = (this.#next + 1) % TASK_NUMBERS;
		this.assigned += 1;
		work.worker = this;
		this.sent.push(work);
		this.#line.listen();
		return true;
	}

	#understands(order: Uint8Array): boolean {
		return this.host.understands?.(order.subarray(HEADER_BYTES)) ?? true;
	}

	#teach(fn: SharedFunction): void {
		if (this.#known.has(fn)) return;
		this.#known.add(fn);
		this.#tell(fn.order, fn.holds);
	}

	/** If it is dead, that is about to be noticed. */
	#tell(message: Uint8Array, holds?: PendingHolds): void {
		try {
			this.#line.send(message, holds?.isEmpty === false ? holds : undefined)?.catch(ignored);
		} catch (error) {
			if (!(error instanceof BrokenPipeError)) throw error;
		}
	}

	/** It will not be sent any work with that function again. */
	forget(fn: SharedFunction): void {
		if (!this.#known.delete(fn) || this.isCondemned) return;
		this.#tell(fn.end);
	}

	/** It ends when it has done what it was sent. */
	leave(): void {
		if (this.isLeaving) return;
		this.isLeaving = true;
		if (this.sent.length === 0) this.#dismiss();
	}

	/** It may be begun again elsewhere: what this one still says about it is not heard. */
	disown(work: Work): void {
		const at = this.sent.indexOf(work);
		if (at !== -1) this.sent.splice(at, 1);
	}

	/** Ends it, whatever it does. */
	condemn(): void {
		this.isCondemned = true;
		this.host.kill();
	}

	#dismiss(): void {
		if (this.#isDismissed) return;
		this.#isDismissed = true;
		this.#tell(sheet.order(ORDER.leave, 0));
	}

	/** Takes back what it has been sent and has not begun. False: it has begun it, or was never sent it. */
	takeBack(work: Work): boolean {
		if (!this.host.claims.revoke(work.task)) return false;
		this.sent.splice(this.sent.indexOf(work), 1);
		this.assigned -= 1;
		work.worker = undefined;
		return true;
	}

	/** The last of what it has not begun; `undefined`: there is none. */
	takeBackLast(): Work | undefined {
		const last = this.sent.length > 1 ? this.sent.at(-1)! : undefined;
		return last !== undefined && this.takeBack(last) ? last : undefined;
	}

	/** Whether it has called the work's function already. */
	runs(work: Work): boolean {
		return this.host.claims.state(work.task) === CLAIM.running;
	}

	/** Its host has ended: takes in what it has reported, and tells what it had begun and what not. */
	bury(): { begun: Work | undefined; waiting: Work[] } {
		this.#isGone = true;
		this.#line.drain();
		this.#line.close();
		const left = this.sent.splice(0);
		const begun = left.filter((work) => !this.host.claims.revoke(work.task));
		return { begun: begun[0], waiting: left.filter((work) => work !== begun[0]) };
	}

	stats(): WorkerStats {
		const { pid } = this.host;
		const { tasks } = this;
		const busy = this.#busy;
		const startup = this.isReady ? this.#readyAt - this.#startedAt : now() - this.#startedAt;
		const waiting = this.isReady ? Math.max(0, now() - this.#readyAt - busy) : 0;
		return { pid, tasks, busy, waiting, startup };
	}

	// --- the line ---

	wants(): boolean {
		return true;
	}

	received({ kind, number, milliseconds, mode }: Header, content: Unpickled | undefined): void {
		switch (kind) {
			case REPORT.ready:
				this.#readyAt = now();
				this.#overseer.started(this);
				return;
			case REPORT.unfit:
				void thrownIn(content!).then((error) => this.#overseer.unfit(this, error));
				return;
			case REPORT.crash:
				this.crash = thrownIn(content!);
				return;
			default:
				this.#finished(number, { kind, content: content!, ms: milliseconds }, mode === LARGE);
		}
	}

	#finished(task: number, report: Report, isLarge: boolean): void {
		const at = this.sent.findIndex((work) => work.task === task);
		if (at === -1) return; // given up
		const [work] = this.sent.splice(at, 1);
		work!.worker = undefined;
		this.tasks += work!.calls;
		this.#busy += report.ms;
		if (isLarge) this.isLeaving = true;
		this.#overseer.finished(this, work!, report);
		if (this.isLeaving && this.sent.length === 0) this.#dismiss();
	}

	goesOn(): boolean {
		return this.sent.length > 0 || !this.isReady;
	}

	cleared(): void {
		if (this.hasRoom) this.#overseer.cleared(this);
	}

	/** It is dead; nothing but its exit code is missing. */
	lost(): void {
		this.host.hold(true);
	}
}

function ignored(): void {}

/** What was thrown there, to be thrown here. */
export async function thrownIn(content: Unpickled): Promise<unknown> {
	return 'failure' in content ? content.failure : await decodeThrownAsync(content.value as Uint8Array);
}

/** How many numbers lie between two. */
function distance(from: number, to: number): number {
	return (to - from + TASK_NUMBERS) % TASK_NUMBERS;
}
