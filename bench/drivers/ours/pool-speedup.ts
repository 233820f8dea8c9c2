import { Pool } from 'polyproc';
import { median, report } from '../../measure.ts';
import { work20 } from '../pools/work-20.ts';

const TASKS = 40;
const pool = new Pool(2);
await pool.ready;
await pool.map(work20, [1, 2, 3, 4], { chunksize: 1 });

/** How many times as quick as one after the other, here. */
async function speedUp(): Promise<number> {
	const start = performance.now();
	await Promise.all(Array.from({ length: TASKS }, (_, i) => pool.apply(work20, [i])));
	const parallel = performance.now() - start;
	const startAlone = performance.now();
	for (let i = 0; i < TASKS; i++) work20(i);
	return (performance.now() - startAlone) / parallel;
}

report(median([await speedUp(), await speedUp(), await speedUp()]));
await pool.terminate();
