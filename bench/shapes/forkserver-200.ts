import type { Shape } from './shape.ts';

export const forkserver200: Shape = {
	name: 'forkserver-200',
	what: 'forkserver: 200 at once, all joined',
	unit: 'ms',
	rivals: {
		python: { is: 'CPython forkserver', target: null },
		node: { is: '1.5 s', target: { atMost: 1 } },
	},
};
