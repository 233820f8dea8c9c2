import type { Shape } from './shape.ts';

export const spawnStartJoin: Shape = {
	name: 'spawn-start-join',
	what: 'start + join of a target that shares nothing',
	unit: 'ms',
	rivals: {
		node: { is: 'bare child_process.spawn', target: { atMost: 1.25 } },
		python: { is: 'CPython spawn', target: null },
	},
};
