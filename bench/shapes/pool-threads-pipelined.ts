import type { Shape } from './shape.ts';

export const poolThreads: Shape = {
	name: 'pool-threads-pipelined',
	program: 'pool-pipelined',
	what: 'tasks of a pool of 2 threads, 3,000 at once',
	unit: '/s',
	pool: 'ours-threads',
	rivals: {
		'tinypool-threads': { is: 'tinypool, threads', target: { atLeast: 1.5 } },
		'workerpool-threads': { is: 'workerpool, threads', target: { atLeast: 1.5 } },
		piscina: { is: 'piscina', target: { atLeast: 1.5 } },
	},
};
