/** The queue, by all interleavings: no item twice, none lost, none torn, no lost wake-up, whoever dies. */
import { QUEUE } from '../../src/channel/queue-layout.ts';
import type { Model } from './model.ts';
import { prove, proveLarge, refute } from './prove.ts';
import { came, LOST, ModelQueue, model, puts, takes } from './queue-model.ts';
import type { ModelProcess } from './replay.ts';

const dies = (of: readonly number[], most = 1): Partial<Model> => ({ deaths: { of, most } });
const ONE = { most: 1 };

prove('one puts two items and one takes them', model([puts([1, 2]), takes(2)], { atEnd: came(2) }));
prove(
	'so they do when every single operation is interleaved',
	model([puts([1]), takes(1)], { atEnd: came(1), guarded: new Map() }),
);
prove('three items need a second segment', model([puts([1, 2, 3]), takes(3)], { atEnd: came(3) }));
prove('so does one that does not fit into the rest of the first', model([puts([1, 22]), takes(2)], { atEnd: came(2) }));
prove(
	'a segment that was emptied is used again',
	model([puts([21, 22, 23, 24], ONE), takes(4, ONE)], { atEnd: came(4) }),
);
prove('two put and one takes', model([puts([1]), puts([2]), takes(2)], { atEnd: came(2) }));
prove('one puts and two take', model([puts([1, 2]), takes(1), takes(1)], { atEnd: came(2) }));
prove(
	'there is room for one item, and who puts waits for who takes',
	model([puts([1, 2, 3], ONE), takes(3, ONE)], { atEnd: came(3) }),
);
prove('two put into room for one', model([puts([1], ONE), puts([2], ONE), takes(2, ONE)], { atEnd: came(2) }));
prove(
	'who takes may time out at any moment',
	model([puts([1]), takes(1, { timeouts: 'may time out' })], { atEnd: came(0, 1) }),
);
prove(
	'looking after the queue at any time does no harm',
	model([puts([1, 2], ONE), takes(2, ONE)], { atEnd: came(2), ticks: 'any time' }),
);
proveLarge('two put and two take', model([puts([1]), puts([2]), takes(1), takes(1)], { atEnd: came(2) }));

/** What may be missing: what the dead had in their hands, or never put. */
const atMostInHand: Partial<Model> = {
	atEnd: (memory) => (memory[LOST]! <= 1 ? undefined : 'more was lost than one dead process can have in its hands'),
};
prove(
	'who puts may die anywhere, beside another one whose items all come',
	model([puts([1]), puts([2, 3]), takes(2)], { ...dies([1]), atEnd: came(2) }),
);
prove(
	'so may it when a second segment is needed',
	model([puts([21, 22]), puts([23]), takes(1)], { ...dies([1]), atEnd: came(1) }),
);
prove(
	'who takes may die anywhere, and takes one item with it at most',
	model([puts([1, 2]), takes(1), takes(1)], { ...dies([2]), ...atMostInHand }),
);
prove(
	'so may it at the end of a segment',
	model([puts([21, 22]), takes(1), takes(1)], { ...dies([2]), ...atMostInHand }),
);
prove(
	'who waits for room may die beside another one',
	model([puts([1], ONE), puts([2], ONE), takes(1, ONE)], { ...dies([1]), atEnd: came(1) }),
);
proveLarge(
	'two of four may die',
	model([puts([1, 2]), puts([3]), takes(1), takes(1)], { ...dies([1, 3], 2), ...atMostInHand }),
);

/** A queue whose words do something else now and then. */
function broken(change: (process: ModelProcess) => Partial<ModelProcess['words']>) {
	return (process: ModelProcess, most: number): ModelQueue =>
		new ModelQueue(
			{ ...process, world: process.world, words: { ...process.words, ...change(process) } } as ModelProcess,
			most,
		);
}

const oneEnd = broken(({ words }) => ({
	// The place of the next item is where that of the present one is: it is half moved when its owner dies.
	store: (index, value) =>
		words.store(index >= QUEUE.takeEnds + 3 && index < QUEUE.takeEnds + 6 ? index - 3 : index, value),
	load: (index) => words.load(index >= QUEUE.takeEnds + 3 && index < QUEUE.takeEnds + 6 ? index - 3 : index),
}));
refute(
	'with one place for both values of the counter an item is skipped, or what is none is taken',
	model([puts([1, 2]), takes(1, { make: oneEnd }), takes(1, { make: oneEnd })], { ...dies([2]), ...atMostInHand }),
	/no item|deadlock|came|damaged/,
);

const silent = broken(({ words }) => ({
	load: (index) => (index === QUEUE.takers + 1 ? 0 : words.load(index)),
}));
refute(
	'who does not look whether somebody waits wakes nobody',
	model([puts([1], { make: silent }), takes(1)], { atEnd: came(1) }),
	/deadlock/,
);

const early = broken(({ words }) => ({
	store(index, value) {
		if (index === QUEUE.putEnds + 4) words.store(QUEUE.put, words.load(QUEUE.put) + 1);
		if (index !== QUEUE.put) words.store(index, value);
	},
}));
refute(
	'an item that is counted before its end is written leaves nobody knowing where the next one goes',
	model([puts([1], { make: early }), puts([2]), takes(2)], { ...dies([1]), atEnd: came(1, 2) }),
	/no item|deadlock|came|check|damaged/,
);
