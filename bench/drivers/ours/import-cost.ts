import { medianTime, report } from '../../measure.ts';
import { runToEnd } from '../node/run-to-end.ts';

const program = new URL('importing.js', import.meta.url);

report(await medianTime(() => runToEnd(program)));
