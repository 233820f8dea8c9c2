import type { Shape } from './shape.ts';

export const idlePrivate: Shape = {
	name: 'idle-private',
	what: 'private memory of an idle forkserver child',
	unit: 'MB',
	rivals: { node: { is: 'of a spawned child', target: { atMost: 0.25 } } },
};
