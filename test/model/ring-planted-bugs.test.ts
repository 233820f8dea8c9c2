/** The explorer can fail on rings: each of these lacks one thing, and each is refuted. */
import type { Words } from '../../src/memory/words.ts';
import { refute } from './prove.ts';
import { AT, type RingModel } from './ring-memory.ts';
import { ringModel } from './ring-model.ts';
import { afterACut, halfReadOfAll } from './ring-scenes.ts';

const ONE_WAY = { readers: 1, capacity: 2 };

/** A ring in which some stores never happen. */
function without(isMissing: (index: number, value: number, words: Words) => boolean): Pick<RingModel, 'bug'> {
	return {
		bug: (words) => ({
			store: (index, value) => (isMissing(index, value, words) ? undefined : words.store(index, value)),
		}),
	};
}

refute(
	'without the mark of a cut, what comes behind it is taken for the rest of the message',
	ringModel({
		...ONE_WAY,
		writers: [[2, 1]],
		mayStop: 'writer',
		...without((index, value) => index === AT.cut && value === 1),
	}),
	/torn|header|lost|hold|livelock|damaged/,
);

refute(
	'without `streaming`, nobody knows that a dead writer was in the middle of a message',
	ringModel({
		writers: [[2], [1]],
		readers: 1,
		capacity: 2,
		words: { 'write mutex 0': 1, head: 2, 'data 0': 8, 'data 1': 16 },
		starts: { 1: { owned: true, written: 4 } },
		deaths: { of: [1], most: 1 },
	}),
	/torn|header|lost|livelock|damaged/,
);

refute(
	'without `reading`, the rest of a message a dead reader had begun is taken for the next one',
	halfReadOfAll({
		deaths: { of: [2], most: 1 },
		bug: (words) => ({ load: (index) => (index === AT.reading ? 0 : words.load(index)) }),
	}),
	/header|torn|damaged/,
);

refute(
	'a cut that is passed before the mark of the message is removed loses what is behind it',
	afterACut({
		deaths: { of: [3], most: 1 },
		...without((index, value, words) => index === AT.reading && value === 0 && words.load(AT.cut) === 1),
	}),
	/lost|damaged/,
);

refute(
	'a writer that sees more room than there is overwrites what has not been read',
	ringModel({
		...ONE_WAY,
		writers: [[2, 1]],
		bug: (words, { me }) => ({
			load: (index) => words.load(index) + (index === AT.tail && me === 1 ? 1 : 0),
		}),
	}),
	/torn|header/,
);

refute(
	'a message that is published before it is there is torn',
	ringModel({
		...ONE_WAY,
		writers: [[1]],
		bug: (words) => ({
			store(index, value) {
				if (index === AT.data) words.store(AT.head, 2);
				words.store(index, value);
			},
		}),
	}),
	/torn|header/,
);

refute(
	'who sleeps without having subscribed is not woken',
	ringModel({
		...ONE_WAY,
		writers: [[1, 1]],
		bug: (words) => ({
			compareExchange: (index, expected, value) =>
				index === AT.dataSignal(2) ? 0 : words.compareExchange(index, expected, value),
		}),
	}),
	/deadlock/,
);
