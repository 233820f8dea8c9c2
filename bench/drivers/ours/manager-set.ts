import { Manager } from 'polyproc';
import { rateSync, report } from '../../measure.ts';

const manager = await Manager();
const dict = await manager.dict<number, number>();
let count = 0;
report(
	rateSync(() => {
		dict.setSync(count % 100, count);
		count++;
	}, 16),
);
await manager.shutdown();
