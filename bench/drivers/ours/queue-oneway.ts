import { getContext, Queue } from 'polyproc';
import { rateSync, report } from '../../measure.ts';
import { fill } from './fill.ts';

const queue = new Queue(1000);
const child = new (getContext('spawn').Process)({ target: fill, args: [queue] });
await child.start();
report(rateSync(() => queue.getSync(), 64));
queue.close();
await child.join();
