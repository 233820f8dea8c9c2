import type { Shape } from './shape.ts';

/** Proxies of CPython know no other way than one call after the other. */
export const managerSetPipelined: Shape = {
	name: 'manager-set-pipelined',
	what: 'setting entries of a dict of a manager, one client, 1,000 at once',
	unit: '/s',
	rivals: { python: { is: 'CPython Manager', target: { atLeast: 10 } } },
};
