import type { Shape } from './shape.ts';

export const poolPipelined: Shape = {
	name: 'pool-pipelined',
	program: 'pool-pipelined',
	what: 'tasks of a pool of 2 processes, 3,000 at once',
	unit: '/s',
	pool: 'ours',
	rivals: {
		'tinypool-processes': { is: 'tinypool, processes', target: { atLeast: 3 } },
		'workerpool-processes': { is: 'workerpool, processes', target: { atLeast: 3 } },
		python: { is: 'CPython Pool', target: { atLeast: 3 } },
		'tinypool-threads': { is: 'tinypool, threads', target: { atLeast: 1.5 } },
		'workerpool-threads': { is: 'workerpool, threads', target: { atLeast: 1.5 } },
		piscina: { is: 'piscina', target: { atLeast: 1.5 } },
	},
};
