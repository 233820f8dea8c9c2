import { isMain } from 'polyproc';
import { medianTime, report } from '../../measure.ts';
import { startAndJoin } from '../../start-step.ts';

if (isMain(import.meta)) report(await medianTime(startAndJoin('spawn')));
