import type { Shape } from './shape.ts';

export const poolSequential: Shape = {
	name: 'pool-sequential',
	program: 'pool-sequential',
	what: 'tasks of a pool of 2 processes, one after another',
	unit: '/s',
	pool: 'ours',
	rivals: {
		'tinypool-processes': { is: 'tinypool, processes', target: { atLeast: 2 } },
		'workerpool-processes': { is: 'workerpool, processes', target: { atLeast: 2 } },
		python: { is: 'CPython Pool', target: { atLeast: 2 } },
	},
};
