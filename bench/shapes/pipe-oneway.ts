import type { Shape } from './shape.ts';

export const pipeOneway: Shape = {
	name: 'pipe-oneway',
	what: 'small objects received, one way',
	unit: '/s',
	rivals: {
		python: { is: 'CPython Pipe', target: { atLeast: 2.5 } },
		node: { is: 'process.send', target: null },
	},
};
