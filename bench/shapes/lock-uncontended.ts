import type { Shape } from './shape.ts';

export const lockUncontended: Shape = {
	name: 'lock-uncontended',
	what: 'acquire + release of a lock nobody else wants',
	unit: '/s',
	rivals: { python: { is: 'CPython Lock', target: { atLeast: 2 } } },
};
