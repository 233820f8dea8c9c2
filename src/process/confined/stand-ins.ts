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

/** The destination of what crosses to one confined process. */
export class StandIns implements Elsewhere {
	/** By their ids. */
	readonly objects: object[] = [];
	readonly kinds: KindName[] = [];
	readonly #ids = new Map<object, number>();

	[instead](value: object): SharedReference {
		if (value instanceof StructType) return (value as Shareable)[handoff](null);
		return { kind: STAND_IN, data: this.refer(value) };
	}

	/** @throws Unpicklable for what it cannot be given */
	refer(value: object): StandInReference {
		const known = this.#ids.get(value);
		if (known !== undefined) return { type: this.kinds[known]!, id: known };
		const type = CLASSES.find(([, kind]) => value instanceof kind)?.[0];
		if (type === undefined) throw new Unpicklable(whyNot(value));
		const id = this.objects.push(value) - 1;
		this.kinds.push(type);
		this.#ids.set(value, id);
		return { type, id };
	}
}

function whyNot(value: object): string {
	return `it is a ${value.constructor.name}, which a process with permissions cannot be given; give it what it needs of it, or a Pipe, a Queue or a Value`;
}
