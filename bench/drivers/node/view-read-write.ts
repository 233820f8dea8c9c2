import { rateSync, report } from '../../measure.ts';
import { ELEMENTS, stepOver } from '../../view-step.ts';

const plain = new Float64Array(ELEMENTS);

report(rateSync(() => stepOver(plain), 10));
