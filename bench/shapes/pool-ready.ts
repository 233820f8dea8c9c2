import type { Shape } from './shape.ts';

export const poolReady: Shape = {
	name: 'pool-ready',
	what: 'a pool of 8 is ready (forkserver)',
	unit: 'ms',
	rivals: { node: { is: '100 ms', target: { below: 100 } } },
};
