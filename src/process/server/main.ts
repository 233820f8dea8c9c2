/** What a fork server is started with. What its children find compiled stays compiled. */
import { setFlagsFromString } from 'node:v8';

setFlagsFromString('--no-flush-bytecode');
void import('./serve.ts').then(({ serve }) => serve());
