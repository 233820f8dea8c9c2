import { getContext } from 'polyproc';
import { medianOf, report } from '../../measure.ts';

const { Pool } = getContext('forkserver');
report(
	await medianOf(async () => {
		const start = performance.now();
		const pool = new Pool(8);
		await pool.ready;
		const ms = performance.now() - start;
		await pool.terminate();
		return ms;
	}),
);
