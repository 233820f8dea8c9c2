import type { Shape } from './shape.ts';

export const queueOneway: Shape = {
	name: 'queue-oneway',
	what: 'small objects taken out of a queue of 1,000',
	unit: '/s',
	rivals: {
		python: { is: 'CPython Queue', target: { atLeast: 3 } },
		node: { is: 'process.send', target: { atLeast: 3 } },
	},
};
