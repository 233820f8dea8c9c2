import type { Shape } from './shape.ts';

export const poolSpeedup: Shape = {
	name: 'pool-speedup',
	what: 'speed-up of tasks of 20 ms on two processors',
	unit: '×',
	rivals: { node: { is: 'two plain processes', target: { atLeast: 0.95 } } },
};
