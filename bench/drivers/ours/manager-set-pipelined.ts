import { Manager } from 'polyproc';
import { rate, report } from '../../measure.ts';

/** Entries that are set at once. */
const AT_ONCE = 1000;

const manager = await Manager();
const dict = await manager.dict<number, number>();
const batches = await rate(async () => {
	await Promise.all(Array.from({ length: AT_ONCE }, (_, i) => dict.set(i % 100, i)));
});
report(batches * AT_ONCE);
await manager.shutdown();
