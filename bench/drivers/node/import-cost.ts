import { fileURLToPath } from 'node:url';
import { report, timeOnce } from '../../measure.ts';
import { runToEnd } from './run-to-end.ts';

const program = fileURLToPath(new URL('empty.js', import.meta.url));

report(await timeOnce(() => runToEnd([program])));
