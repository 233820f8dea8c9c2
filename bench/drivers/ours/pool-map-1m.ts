import { Pool } from 'polyproc';
import { rate, report } from '../../measure.ts';
import { addOne } from '../pools/task.ts';

const items = Array.from({ length: 1_000_000 }, (_, i) => i);
const pool = new Pool(2);
report((await rate(() => pool.map(addOne, items))) * items.length);
await pool.terminate();
