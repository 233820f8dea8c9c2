import { SharedArray } from 'polyproc';
import { rateSync, report } from '../../measure.ts';
import { ELEMENTS, stepOver } from '../../view-step.ts';

const { view } = new SharedArray('d', ELEMENTS);

report(rateSync(() => stepOver(view), 10));
