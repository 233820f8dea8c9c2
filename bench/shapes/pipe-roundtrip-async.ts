import type { Shape } from './shape.ts';

export const pipeRoundtripAsync: Shape = {
	name: 'pipe-roundtrip-async',
	what: 'round trip of a small object, both sides awaiting',
	unit: '/s',
	rivals: { node: { is: 'process.send', target: { atLeast: 1 } } },
};
