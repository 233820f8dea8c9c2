import type { Shape } from './shape.ts';

export const queueMpmc: Shape = {
	name: 'queue-mpmc',
	what: 'two put and two take, in all',
	unit: '/s',
	rivals: { python: { is: 'CPython Queue', target: { atLeast: 2 } } },
};
