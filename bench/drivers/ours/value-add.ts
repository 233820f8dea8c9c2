import { Value } from 'polyproc';
import { rateSync, report } from '../../measure.ts';

const value = new Value('i', 0);

report(rateSync(() => void value.add(1), 1000));
