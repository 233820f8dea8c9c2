import { report } from '../../measure.ts';

report(1500);
