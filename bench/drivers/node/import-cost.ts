import { fileURLToPath } from 'node:url';
import { medianTime, report } from '../../measure.ts';
import { runToEnd } from './run-to-end.ts';

const program = fileURLToPath(new URL('empty.js', import.meta.url));

report(await medianTime(() => runToEnd([program])));
