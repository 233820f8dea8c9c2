import { rate, report } from '../../measure.ts';
import { poolToMeasure } from './adapters.ts';

/** Tasks that are handed over at once. */
const AT_ONCE = 3000;

const pool = poolToMeasure();
const batches = await rate(async () => {
	await Promise.all(Array.from({ length: AT_ONCE }, (_, i) => pool.run(i)));
});
report(batches * AT_ONCE);
await pool.close();
