import type { Shape } from './shape.ts';

export const pluginsLatency: Shape = {
	name: 'plugins-latency',
	what: "99th percentile of a server's answers while ten plugins misbehave",
	unit: 'ms',
	rivals: { node: { is: 'without plugins', target: { atMost: 2 } } },
};
