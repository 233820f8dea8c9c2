import type { Shape } from './shape.ts';

export const lockContended: Shape = {
	name: 'lock-contended',
	what: 'a lock two processes want all the time, and a counter',
	unit: '/s',
	rivals: { python: { is: 'CPython Lock, RawValue', target: { atLeast: 2 } } },
};
