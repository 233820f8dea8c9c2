import { SharedMemory } from 'polyproc';
import { rateSync, report } from '../../measure.ts';

const SIZE = 1024 ** 2;

report(
	rateSync(() => {
		const memory = new SharedMemory({ create: true, size: SIZE });
		memory.close();
		memory.unlink();
	}, 10),
);
