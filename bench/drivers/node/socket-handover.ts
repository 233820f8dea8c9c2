import { fork } from 'node:child_process';
import { once } from 'node:events';
import { handoverTime } from '../../handover-step.ts';
import { report } from '../../measure.ts';

const child = fork(new URL('socket-child.js', import.meta.url));
await once(child, 'message'); // it listens
report(await handoverTime((socket) => child.send('socket', socket)));
child.disconnect();
await once(child, 'exit');
