import { rate, report } from '../../measure.ts';
import { poolToMeasure } from './adapters.ts';

const pool = poolToMeasure();
report(await rate(async () => pool.run(1)));
await pool.close();
