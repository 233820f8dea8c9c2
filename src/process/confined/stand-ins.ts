/** The shared objects that a confined process is given: it gets a stand-in for each, its broker the object itself. */
import { Connection } from '../../channel/connection.ts';
import { JoinableQueue } from '../../channel/joinable-queue.ts';
import { Queue } from '../../channel/queue.ts';
import { SimpleQueue } from '../../channel/simple-queue.ts';
import { RawArray } from '../../memory/raw-array.ts';
import { RawValue } from '../../memory/raw-value.ts';
import { StructType } from '../../memory/struct.ts';
import { Barrier } from '../../sync/barrier.ts';
import { Condition } from '../../sync/condition.ts';
import { Event } from '../../sync/event.ts';
import { Lock } from '../../sync/lock.ts';
import { RLock } from '../../sync/rlock.ts';
import { BoundedSemaphore, Semaphore } from '../../sync/semaphore.ts';
import { SharedArray } from '../../sync/shared-array.ts';
import { Value } from '../../sync/value.ts';
import { type Elsewhere, handoff, instead, type Shareable, type SharedReference } from '../../wire/handoff.ts';
import { Unpicklable } from '../../wire/unpicklable.ts';
import { type KindName, STAND_IN, type StandInReference } from './members.ts';

type AnyClass = abstract new (...args: never[]) => object;

/** Subclasses before what they extend. */
const CLASSES: readonly (readonly [KindName, AnyClass])[] = [
	['Connection', Connection],
	['JoinableQueue', JoinableQueue],
	['Queue', Queue],
	['SimpleQueue', SimpleQueue],
	['Lock', Lock],
	['RLock', RLock],
	['BoundedSemaphore', BoundedSemaphore],
	['Semaphore', Semaphore],
	['Condition', Condition],
	['Event', Event],
	['Barrier', Barrier],
	['Value', Value],
	['Array', SharedArray],
	['RawValue', RawValue],
	['RawArray', RawArray],
];

/** One that was given. */
interface Given {
	readonly id: number;
	readonly type: KindName;
	readonly object: object;
	/** References to it that were made and that the process has not given back. */
	references: number;
	serial: number;
}

/** The destination of what crosses to one confined process. */
export class StandIns implements Elsewhere {
	readonly #byId = new Map<number, Given>();
	readonly #byObject = new Map<object, Given>();
	#nextId = 0;
	/** Those before it stay. */
	#firstToGo = 0;

	/** In the order of their ids. */
	get objects(): object[] {
		return [...this.#byId.values()].map(({ object }) => object);
	}

	find(id: number): { readonly object: object; readonly type: KindName } | undefined {
		return this.#byId.get(id);
	}

	/** What there is now is for good: these are arguments, and there was no counting of them. */
	keepAll(): void {
		this.#firstToGo = this.#nextId;
	}

	/** The process does not use it any more, and had so many references; others may be on their way. */
	release(id: number, references: number): void {
		const given = this.#byId.get(id);
		if (given === undefined || id < this.#firstToGo) return;
		given.references -= references;
		if (given.references > 0) return;
		this.#byId.delete(id);
		this.#byObject.delete(given.object);
	}

	[instead](value: object): SharedReference {
		if (value instanceof StructType) return (value as Shareable)[handoff](null);
		return { kind: STAND_IN, data: this.refer(value) };
	}

	/** @throws Unpicklable for what it cannot be given */
	refer(value: object): StandInReference {
		const given = this.#byObject.get(value) ?? this.#add(value);
		given.references += 1;
		given.serial += 1;
		const { type, id, serial } = given;
		return { type, id, serial };
	}

	#add(object: object): Given {
		const type = CLASSES.find(([, kind]) => object instanceof kind)?.[0];
		if (type === undefined) throw new Unpicklable(whyNot(object));
		const given = { id: this.#nextId++, type, object, references: 0, serial: 0 };
		this.#byId.set(given.id, given);
		this.#byObject.set(object, given);
		return given;
	}
}

function whyNot(value: object): string {
	return `it is a ${value.constructor.name}, which a process with permissions cannot be given; give it what it needs of it, or a Pipe, a Queue or a Value`;
}
