import type { Shape } from './shape.ts';

export const managerSet: Shape = {
	name: 'manager-set',
	what: 'setting an entry of a dict of a manager, one client, blocking',
	unit: '/s',
	rivals: { python: { is: 'CPython Manager', target: { atLeast: 3 } } },
};
