import { medianTime, report } from '../../measure.ts';
import { startAndJoin } from '../../start-step.ts';

report(await medianTime(startAndJoin('fork')));
