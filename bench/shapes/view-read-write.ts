import type { Shape } from './shape.ts';

export const viewReadWrite: Shape = {
	name: 'view-read-write',
	what: 'reading and writing 10,000 elements of a Float64Array view',
	unit: '/s',
	rivals: { node: { is: 'a plain Float64Array', target: { atLeast: 0.95 } } },
};
