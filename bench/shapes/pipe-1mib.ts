import type { Shape } from './shape.ts';

export const pipe1MiB: Shape = {
	name: 'pipe-1mib',
	what: '1 MiB byte messages received, one way',
	unit: '/s',
	rivals: { python: { is: 'CPython Pipe', target: { atLeast: 3 } } },
};
