import type { Shape } from './shape.ts';

export const queueRoundtripAsync: Shape = {
	name: 'queue-roundtrip-async',
	what: 'round trip through two queues, both sides awaiting',
	unit: '/s',
	rivals: { node: { is: 'process.send', target: { atLeast: 1 } } },
};
