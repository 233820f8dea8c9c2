/** Models of rings that begin in the middle of something, where three processes from the start would be too many states. */
import type { Model } from './model.ts';
import type { Local, RingModel } from './ring-memory.ts';
import { ringModel } from './ring-model.ts';

/** Two writers: the first is in the middle of a streamed message, of which the reader has taken some words. */
export function halfWritten(more: Partial<RingModel> & { readSoFar?: number }): Model {
	const { readSoFar = 0, ...rest } = more;
	const taken = { 'read mutex 0': 3, tail: 2, messageEnd: 4, reading: 1 };
	const reader: Partial<Local> = { owned: true, partial: { end: 4, filled: 4, words: [16, 0, 0] } };
	return ringModel({
		writers: [[3], [1]],
		readers: 1,
		capacity: 4,
		words: {
			'write mutex 0': 1,
			streaming: 1,
			head: 3,
			'data 0': 12,
			'data 1': 16,
			'data 2': 17,
			...(readSoFar > 0 ? taken : {}),
		},
		starts: { 1: { owned: true, written: 8 }, ...(readSoFar > 0 ? { 3: reader } : {}) },
		...rest,
	});
}

/** Two readers: the first is in the middle of a streamed message, as the writer is; another message comes behind it. */
export function halfRead(more: Partial<RingModel>): Model {
	return ringModel({
		writers: [[3, 1]],
		readers: 2,
		capacity: 4,
		words: {
			'write mutex 0': 1,
			streaming: 1,
			head: 3,
			'data 0': 12,
			'data 1': 16,
			'data 2': 17,
			'read mutex 0': 2,
			tail: 2,
			messageEnd: 4,
			reading: 1,
		},
		starts: {
			1: { owned: true, written: 8 },
			2: { owned: true, partial: { end: 4, filled: 4, words: [16, 0, 0] } },
		},
		...more,
	});
}

/** The same, when the writer has written everything and gone. */
export function halfReadOfAll(more: Partial<RingModel>): Model {
	return ringModel({
		writers: [[3, 1]],
		readers: 2,
		capacity: 8,
		words: {
			'open 0': 0,
			'sent 0': 1,
			'sent 1': 1,
			head: 6,
			'data 0': 12,
			'data 1': 16,
			'data 2': 17,
			'data 3': 18,
			'data 4': 4,
			'data 5': 32,
			'read mutex 0': 2,
			tail: 2,
			messageEnd: 4,
			reading: 1,
		},
		starts: {
			1: { at: 'ends' },
			2: { owned: true, partial: { end: 4, filled: 4, words: [16, 0, 0] } },
		},
		...more,
	});
}

/** Two readers: the first is in the middle of a message that was cut short, two whole ones are behind it. */
export function afterACut(more: Partial<RingModel>): Model {
	return ringModel({
		writers: [[5], [1, 1]],
		readers: 2,
		capacity: 8,
		words: {
			tail: 2,
			head: 6,
			cut: 1,
			cutAt: 2,
			messageEnd: 6,
			reading: 1,
			'read mutex 0': 3,
			'data 0': 20,
			'data 1': 16,
			'data 2': 4,
			'data 3': 32,
			'data 4': 4,
			'data 5': 48,
			'open 0': 0,
			'open 1': 0,
			'sent 1': 1,
			'sent 2': 1,
		},
		starts: {
			1: { at: 'ends' },
			2: { at: 'ends' },
			3: { owned: true, partial: { end: 6, filled: 4, words: [16, 0, 0, 0, 0] } },
		},
		...more,
	});
}
