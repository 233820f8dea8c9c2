/**
 * One process of a model: synchronous code whose every operation on shared memory is a step of its own. A step is made
 * by running the code again from the start, answering the operations it has done from a log, and unwinding it by an
 * exception at the first one that has no answer yet. Because the code is deterministic that operation is a function of
 * the log, so logs form a tree (`Place`), and each of its nodes is found by running the code just once.
 *
 * A program is made of phases that share nothing but memory: a phase returns the name of the next one, and its log is
 * forgotten. That is what makes a waiting loop a loop in the space of states, and so the space finite.
 */
import { ProcessError } from '../../src/base/errors.ts';
import type { Words } from '../../src/memory/words.ts';
import { WAITER, WAITER_STATE, type WaitWorld } from '../../src/sync/waiter.ts';

export type OperationKind =
	| 'load'
	| 'store'
	| 'add'
	| 'exchange'
	| 'compareExchange'
	| 'isAlive'
	| 'wake'
	| 'pause'
	| 'park'
	| 'choose';

/** What a process is about to do; `index` is a word, or a participant for `isAlive`. */
export interface Operation {
	readonly kind: OperationKind;
	readonly index: number;
	readonly a: number;
	readonly b: number;
}

/** Why `sleep` returned. */
export const SLEPT = { woken: 0, tick: 1, timeout: 2 } as const;

/** What a modelled process has. */
export interface ModelProcess {
	readonly me: number;
	readonly words: Words;
	readonly world: WaitWorld;
	/** Sleeps, as a futex does, if and while nobody woke it, the record is waiting. One of `SLEPT`. */
	sleep(record: number, timeouts?: 'may time out'): number;
	/** Any number below `count`: all are explored. */
	choose(count: number): number;
	/** Ends the exploration with a violation unless it holds. */
	check(holds: boolean, message: string): void;
}

/** Does its part and returns the next phase's name; nothing ends the program. The first one is `start`. */
export type Phase = (process: ModelProcess) => string | undefined;
export type Program = Readonly<Record<string, Phase>>;

/** Where a process is: in a phase, having got certain answers to its operations. */
export interface Place {
	readonly id: number;
	readonly phase: string;
	/** What it does next; none: it has ended. */
	readonly operation: Operation | undefined;
	/** What it found wrong. */
	readonly failure: string | undefined;
	readonly parent: Place | undefined;
	readonly answer: number;
	readonly next: Map<number, Place>;
}

const UNWIND: unique symbol = Symbol('the next operation has no answer yet');

class Violation extends Error {}

export class Replay implements ModelProcess {
	readonly me: number;
	readonly words: Words;
	readonly world: WaitWorld;
	readonly places: Place[] = [];
	readonly #program: Program;
	readonly #roots = new Map<string | undefined, Place>();
	#log: readonly number[] = [];
	#done = 0;
	#pending: Operation | undefined;
	/** Code that catches what unwinds it, and goes on to operations, did not really come there. */
	#unwinding = false;

	/** @param records all waiters' records, for `recordsOf` */
	constructor(me: number, program: Program, records: readonly number[]) {
		this.me = me;
		this.#program = program;
		this.words = this.#makeWords();
		this.world = this.#makeWorld(records);
	}

	/** Where a phase begins; `undefined`: the end of the program. */
	root(phase: string | undefined): Place {
		let root = this.#roots.get(phase);
		if (root === undefined) {
			root = phase === undefined ? this.#add('end', undefined, undefined) : this.#run(phase, undefined, 0);
			this.#roots.set(phase, root);
		}
		return root;
	}

	/** Where a place's operation leads when it is answered so. */
	next(place: Place, answer: number): Place {
		let next = place.next.get(answer);
		if (next === undefined) {
			next = this.#run(place.phase, place, answer);
			place.next.set(answer, next);
		}
		return next;
	}

	#run(phase: string, parent: Place | undefined, answer: number): Place {
		const log = parent === undefined ? [] : [answer];
		for (let at = parent; at?.parent !== undefined; at = at.parent) log.unshift(at.answer);
		this.#log = log;
		this.#done = 0;
		this.#unwinding = false;
		try {
			return this.root(this.#program[phase]!(this));
		} catch (error) {
			if (error === UNWIND) return this.#add(phase, this.#pending, undefined, parent, answer);
			// Nobody overwrites anything here: what looks so is wrong.
			const isDamage = error instanceof ProcessError && error.code === 'ERR_MP_CORRUPTED';
			if (error instanceof Violation || isDamage) return this.#add(phase, undefined, error.message, parent, answer);
			throw error;
		}
	}

	#add(phase: string, operation?: Operation, failure?: string, parent?: Place, answer = 0): Place {
		const place = { id: this.places.length, phase, operation, failure, parent, answer, next: new Map() };
		this.places.push(place);
		return place;
	}

	#perform(kind: OperationKind, index = 0, a = 0, b = 0): number {
		if (this.#unwinding) throw UNWIND;
		if (this.#done < this.#log.length) return this.#log[this.#done++]!;
		this.#pending = { kind, index, a, b };
		this.#unwinding = true;
		throw UNWIND;
	}

	#makeWords(): Words {
		return {
			load: (index) => this.#perform('load', index),
			store: (index, value) => void this.#perform('store', index, value),
			add: (index, value) => this.#perform('add', index, value),
			exchange: (index, value) => this.#perform('exchange', index, value),
			compareExchange: (index, expected, value) => this.#perform('compareExchange', index, expected, value),
		};
	}

	#makeWorld(records: readonly number[]): WaitWorld {
		return {
			me: this.me,
			isAlive: (participant) => this.#perform('isAlive', participant) === 1,
			pause: () => void this.#perform('pause'),
			wake: (record) => this.#perform('wake', record + WAITER.state) === 1,
			isRecord: () => true,
			recordsOf: (target) => records.filter((record) => this.words.load(record + WAITER.target) === target),
		};
	}

	sleep(record: number, timeouts?: 'may time out'): number {
		return this.#perform('park', record + WAITER.state, WAITER_STATE.waiting, timeouts === undefined ? 0 : 1);
	}

	choose(count: number): number {
		return this.#perform('choose', 0, count);
	}

	check(holds: boolean, message: string): void {
		if (!holds) throw new Violation(message);
	}
}
