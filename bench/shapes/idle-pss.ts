import type { Shape } from './shape.ts';

export const idlePss: Shape = {
	name: 'idle-pss',
	what: 'proportional memory of an idle forkserver child',
	unit: 'MB',
	rivals: { node: { is: 'of a spawned child', target: { atMost: 0.4 } } },
};
