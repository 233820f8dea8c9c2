import type { Shape } from './shape.ts';

export const importCost: Shape = {
	name: 'import-cost',
	what: 'a program that imports the library and starts nothing',
	unit: 'ms',
	rounds: 41,
	rivals: { node: { is: 'without the import', target: { within: 15 } } },
};
