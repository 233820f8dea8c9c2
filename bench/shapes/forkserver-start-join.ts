import type { Shape } from './shape.ts';

export const forkserverStartJoin: Shape = {
	name: 'forkserver-start-join',
	what: 'forkserver: start + join of an empty target',
	unit: 'ms',
	rivals: {
		python: { is: 'CPython forkserver', target: { atMost: 1 / 3 } },
		node: { is: 'child_process.fork', target: { atMost: 1 / 15 } },
	},
};
