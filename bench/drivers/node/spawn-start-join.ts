import { medianTime, report } from '../../measure.ts';
import { runToEnd } from './run-to-end.ts';

// The quickest way to start a Node that does nothing: an empty file, and more so an empty ES module, takes longer.
report(await medianTime(() => runToEnd(['-e', '0'])));
