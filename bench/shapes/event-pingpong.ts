import type { Shape } from './shape.ts';

export const eventPingPong: Shape = {
	name: 'event-pingpong',
	what: 'round trip of two events, both sides blocking',
	unit: '/s',
	rivals: { python: { is: 'CPython Event', target: { atLeast: 2 } } },
};
