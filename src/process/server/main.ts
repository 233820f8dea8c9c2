/**
 * What a fork server is started with. All it is for is what its children find done already: so its functions are compiled
 * when they are loaded, and stay compiled.
 */
import { setFlagsFromString } from 'node:v8';

setFlagsFromString('--no-flush-bytecode');
setFlagsFromString('--no-lazy');
void import('./serve.ts').then(({ serve }) => {
	setFlagsFromString('--lazy');
	return serve();
});
