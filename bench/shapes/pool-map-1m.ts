import type { Shape } from './shape.ts';

export const poolMap1M: Shape = {
	name: 'pool-map-1m',
	what: 'items of map over a million, in chunks of its own choice',
	unit: '/s',
	rivals: { python: { is: 'CPython Pool.map', target: { atLeast: 1 } } },
};
