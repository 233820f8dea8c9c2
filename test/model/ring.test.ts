/** The ring, by all interleavings: every message comes once and whole, nobody is left waiting, whoever dies or gives up. */
import { prove, proveLarge } from './prove.ts';
import { ringModel } from './ring-model.ts';
import { afterACut, halfRead, halfReadOfAll, halfWritten } from './ring-scenes.ts';

const ONE_WAY = { readers: 1, capacity: 2 };
const dies = (...of: number[]): { deaths: { of: number[]; most: number } } => ({ deaths: { of, most: 1 } });

prove('whole messages go through a ring that holds one', ringModel({ ...ONE_WAY, writers: [[1, 1, 1]] }));
prove('a message larger than the ring does, and one behind it', ringModel({ ...ONE_WAY, writers: [[2, 1]] }));
proveLarge('so do two larger than the ring', ringModel({ ...ONE_WAY, writers: [[2, 3]] }));
prove('two writers share one side', ringModel({ writers: [[1], [1]], readers: 1, capacity: 4 }));
proveLarge('two readers share one side', ringModel({ writers: [[1, 1]], readers: 2, capacity: 4 }));
proveLarge('two writers do, when one message is streamed', ringModel({ writers: [[2], [1]], readers: 1, capacity: 2 }));

prove('the writer of whole messages may die anywhere', ringModel({ ...ONE_WAY, writers: [[1, 1]], ...dies(1) }));
prove('so may their reader', ringModel({ ...ONE_WAY, writers: [[1, 1]], ...dies(2) }));
prove('the writer of a stream may die anywhere', ringModel({ ...ONE_WAY, writers: [[2, 1]], ...dies(1) }));
prove('so may its reader', ringModel({ ...ONE_WAY, writers: [[2, 1]], ...dies(2) }));
prove('waking without a reason does no harm', ringModel({ ...ONE_WAY, writers: [[2]], ...dies(1), ticks: 'any time' }));

prove(
	'a writer may give up a stream in the middle, and send on',
	ringModel({ ...ONE_WAY, writers: [[2, 1]], mayStop: 'writer' }),
);
prove('so it may, and die then', ringModel({ ...ONE_WAY, writers: [[2, 1]], mayStop: 'writer', ...dies(1) }));

prove(
	'when a writer dies in a stream that is being read, the other goes on and its messages are whole',
	halfWritten({ ...dies(1), readSoFar: 2 }),
);
proveLarge('so they are when the reader has not begun', halfWritten(dies(1)));
proveLarge('and when the other may die, too', halfWritten({ deaths: { of: [1, 2], most: 2 }, readSoFar: 2 }));
prove('when a reader dies in a stream, the other reads what comes behind it', halfReadOfAll(dies(2)));
prove('so it does when the reader leaves', halfReadOfAll({ mayStop: 'reader' }));
proveLarge('so it does while the writer goes on', halfRead(dies(2)));
proveLarge('and when the reader leaves', halfRead({ mayStop: 'reader' }));
proveLarge('and when the writer gives the stream up', halfRead({ ...dies(2), mayStop: 'writer' }));
prove('a reader that passes a cut may die at it, and the other reads what is behind', afterACut(dies(3)));
