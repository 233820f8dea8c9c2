/** Waiting for all items to be done, by all interleavings: never too early, never for ever, whoever dies. */
import { QUEUE } from '../../src/channel/queue-layout.ts';
import type { Model } from './model.ts';
import { prove, refute } from './prove.ts';
import { puts } from './queue-model.ts';
import type { ModelProcess } from './replay.ts';
import { clears, isCount, JoinableModel, joins, joinsToo, model, saysFor, tallyOf, works } from './tally-model.ts';

const dies = (of: readonly number[], most = 1): Partial<Model> => ({ deaths: { of, most } });
const ONE = ['take', 'done'] as const;
const TWO = ['take', 'done', 'take', 'done'] as const;

prove('who waits goes on when the last item is done', model(2, [works(TWO), joins('and that is all')]));
prove('two take one each', model(2, [works(ONE), works(ONE), joins('and that is all')]));
prove(
	'one takes both before it is done with either',
	model(2, [works(['take', 'take', 'done', 'done']), joins('and that is all')]),
);
prove('two wait', model(1, [works(ONE), joins(), joinsToo()]));
prove('an item is put meanwhile', model(1, [works(TWO), puts([2]), joins()]));
prove('nothing was there yet when the wait began', model(0, [works(ONE), puts([1]), joins()]));

prove(
	'another one says that an item is done',
	model(1, [works(['take', 'hand on']), saysFor(1), joins('and that is all')]),
);
prove(
	'so it may with an item in the hands of each of two',
	model(2, [works(['take', 'hand on']), works(ONE), saysFor(1), joins()]),
);
prove('an item is done before it is taken', model(1, [works(['done ahead', 'take']), joins('and that is all')]));
prove(
	'one is done ahead while another takes it',
	model(1, [works(['done ahead']), works(['take']), joins('and that is all')]),
);
prove(
	'one is done ahead, and another taken',
	model(2, [works(['done ahead']), works(['take', 'done', 'take']), joins('and that is all')]),
);

prove('who has an item may die anywhere: nobody waits for it', model(1, [works(ONE), clears(1), joins()], dies([1])));
prove(
	'so may it with two in its hands',
	model(2, [works(['take', 'take', 'done', 'done']), clears(1), joins()], dies([1])),
);
prove(
	'so may it beside another one, who is waited for',
	model(2, [works(ONE), works(ONE, undefined, clears(1)), joins()], dies([1])),
);
prove(
	'so may who has an item that another one is done with',
	model(1, [works(['take', 'hand on']), saysFor(1), clears(1), joins()], dies([1])),
);
prove(
	'so may who takes what was done before',
	model(2, [works(['done ahead', 'take', 'take', 'done']), clears(1), joins()], dies([1])),
);
prove('one of two that wait may die', model(1, [works(ONE), joins(), joinsToo()], dies([2])));
prove('two may die, one after the other', model(2, [works(ONE), works(ONE), clears(1, 2), joins()], dies([1, 2], 2)));

/** A queue whose tally's words do something else now and then. */
function broken(change: (process: ModelProcess) => Partial<ModelProcess['words']>) {
	return (process: ModelProcess, most: number): JoinableModel => {
		const words = { ...process.words, ...change(process) };
		return new JoinableModel(
			{ ...process, world: process.world, words } as ModelProcess,
			most,
			tallyOf(process, words),
		);
	};
}

const late = broken(({ words }) => {
	let raise = (): void => {};
	return {
		add(index, value) {
			if (!isCount(index)) return words.add(index, value);
			raise = () => void words.add(index, value);
			return 0;
		},
		store(index, value) {
			words.store(index, value);
			if (index === QUEUE.taken) raise();
		},
	};
});
refute(
	'who counts an item after it was taken has it for a moment without anybody knowing',
	model(1, [works(ONE, late), joins()]),
	/joined while somebody had an item/,
);

/** Sees the number of items put as it was at the first look. */
const hasty = broken(({ words }) => {
	let seen: number | undefined;
	return {
		load(index) {
			if (index !== QUEUE.put) return words.load(index);
			seen ??= words.load(index);
			return seen;
		},
	};
});
refute(
	'who does not look again whether something was put misses who has taken it meanwhile',
	model(1, [works(ONE), works(ONE), puts([2]), joins(undefined, hasty)]),
	/joined while somebody had an item/,
);

const trusting = (process: ModelProcess, most: number): JoinableModel => {
	const world = { ...process.world, isAlive: () => true };
	return new JoinableModel(process, most, tallyOf({ ...process, words: process.words, world }));
};
refute(
	'who believes that the dead live waits for them for ever',
	model(1, [works(ONE), clears(1), joins(undefined, trusting)], dies([1])),
	/livelock|deadlock/,
);

class Unguarded extends JoinableModel {
	protected override finishOther(): boolean {
		return this.tally.finishOther();
	}
}
refute(
	'who says that an item is done while it is being taken is not understood without the guard',
	model(1, [works(['done ahead'], (process, most) => new Unguarded(process, most)), works(['take']), joins()]),
	/one is one too many|deadlock|livelock/,
);
