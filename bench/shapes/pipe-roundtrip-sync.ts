import type { Shape } from './shape.ts';

export const pipeRoundtripSync: Shape = {
	name: 'pipe-roundtrip-sync',
	what: 'round trip of a small object, both sides blocking',
	unit: '/s',
	rivals: {
		python: { is: 'CPython Pipe', target: { atLeast: 3 } },
		node: { is: 'process.send', target: { atLeast: 2 } },
	},
};
