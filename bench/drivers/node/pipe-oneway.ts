import { fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { report, WARM_UP, WINDOW } from '../../measure.ts';

const child = fork(new URL('ipc-child.js', import.meta.url), ['flood']);
let received = 0;
child.on('message', () => received++);

await once(child, 'message');
await sleep(WARM_UP);
const before = received;
const start = performance.now();
await sleep(WINDOW);
report(((received - before) * 1000) / (performance.now() - start));
child.kill('SIGKILL');
await once(child, 'exit');
