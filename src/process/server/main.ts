/**
 * What a fork server is started with. What its children find compiled stays compiled; and while the modules are loaded
 * the memory for young objects does not grow, because every page of it that was ever used costs every fork.
 */
import { setFlagsFromString } from 'node:v8';

setFlagsFromString('--no-flush-bytecode');
setFlagsFromString('--semi-space-growth-factor=1'); // until it serves (os/linux/thrift.ts)
void import('./serve.ts').then(({ serve }) => serve());
