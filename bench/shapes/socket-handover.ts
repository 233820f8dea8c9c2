import type { Shape } from './shape.ts';

export const socketHandover: Shape = {
	name: 'socket-handover',
	what: 'an accepted socket handed to a child, until its answer is there',
	unit: 'ms',
	rivals: { node: { is: 'process.send(…, socket)', target: { below: 1 } } },
};
