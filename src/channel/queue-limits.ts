/** How much a queue may hold: what a user passed, checked. */
import { rangeError, typeError } from '../base/errors.ts';
import { MOST_BYTES, MOST_ITEM_BYTES } from './queue-layout.ts';

export interface QueueLimits {
	/** Items; 0: as many as there is memory for. */
	readonly maxItems: number;
	/** Pickled bytes of all items together; 0: no limit. */
	readonly maxBytes: number;
}

/** The limits as a user passed them to the constructor of `name`. */
export function checkedLimits(name: string, maxsize: unknown, maxBytes: unknown): QueueLimits {
	if (typeof maxsize !== 'number')
		throw typeError(`new ${name}: maxsize must be a number of items, not ${typeof maxsize}`);
	if (!Number.isInteger(maxsize) || maxsize > MOST_BYTES) {
		throw rangeError(`new ${name}: maxsize must be a whole number of items up to ${MOST_BYTES}, not ${maxsize}`);
	}
	return { maxItems: Math.max(0, maxsize), maxBytes: checkedBytes(name, maxBytes) };
}

function checkedBytes(name: string, maxBytes: unknown): number {
	if (maxBytes === undefined) return 0;
	if (typeof maxBytes !== 'number')
		throw typeError(`new ${name}: maxBytes must be a number of bytes, not ${typeof maxBytes}`);
	if (Number.isInteger(maxBytes) && maxBytes > 0 && maxBytes <= MOST_BYTES) return maxBytes;
	throw rangeError(`new ${name}: maxBytes must be a whole number from 1 to ${MOST_BYTES}, not ${maxBytes}`);
}

/** Whether an item of `length` pickled bytes can ever be put; `call` is for the error. */
export function checkLength(length: number, { maxBytes }: QueueLimits, call: string): void {
	if (length > MOST_ITEM_BYTES) throw tooLong(`${length} bytes`, call);
	if (maxBytes === 0 || length <= maxBytes) return;
	throw rangeError(
		`${call}: an item of ${length} bytes will never fit into this queue, whose maxBytes is ${maxBytes}. Put it in parts, or make a queue for more.`,
	);
}

/** It is longer than any item may be. */
export function tooLong(length: string, call: string): RangeError {
	return rangeError(
		`${call}: an item of ${length} is longer than an item of a queue may be, which is ${MOST_ITEM_BYTES}. Put it in parts, or send it through a Pipe.`,
	);
}
