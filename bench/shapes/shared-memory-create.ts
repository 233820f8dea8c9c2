import type { Shape } from './shape.ts';

export const sharedMemoryCreate: Shape = {
	name: 'shared-memory-create',
	what: 'create, close and unlink 1 MiB of shared memory',
	unit: '/s',
	rivals: { python: { is: 'CPython SharedMemory', target: { atLeast: 1 } } },
};
