import type { Shape } from './shape.ts';

export const forkStartJoin: Shape = {
	name: 'fork-start-join',
	what: 'fork: start + join of an empty target',
	unit: 'ms',
	execArgv: ['--single-threaded', '--single-threaded-gc', '--v8-pool-size=0'],
	rivals: { python: { is: 'CPython fork', target: { atMost: 1 / 0.9 } } },
};
