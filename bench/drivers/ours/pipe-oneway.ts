import { getContext, Pipe } from 'polyproc';
import { rateSync, report } from '../../measure.ts';
import { floodObjects } from './flood.ts';

const [reader, writer] = Pipe({ duplex: false });
const child = new (getContext('spawn').Process)({ target: floodObjects, args: [writer] });
await child.start();
writer.close();
report(rateSync(() => reader.recvSync(), 64));
reader.close();
await child.join();
