import { getContext, Pipe } from 'polyproc';
import { rateSync, report } from '../../measure.ts';
import { floodBytes } from './flood.ts';

const [reader, writer] = Pipe({ duplex: false });
const child = new (getContext('spawn').Process)({ target: floodBytes, args: [writer, 2 ** 20] });
await child.start();
writer.close();
report(rateSync(() => reader.recvBytesSync(), 4));
reader.close();
await child.join();
