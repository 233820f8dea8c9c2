import { report } from '../../measure.ts';

report(100);
