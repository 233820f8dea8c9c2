import type { Shape } from './shape.ts';

export const valueAdd: Shape = {
	name: 'value-add',
	what: 'adding to a shared integer: atomically here, under its lock in CPython',
	unit: '/s',
	rivals: {
		python: { is: 'CPython Value', target: { atLeast: 2 } },
		node: { is: '60 ns an add', target: { atLeast: 1 } },
	},
};
