import { Lock } from 'polyproc';
import { rateSync, report } from '../../measure.ts';

const lock = new Lock();

report(
	rateSync(() => {
		lock.acquireSync();
		lock.release();
	}, 1000),
);
