/**
 * Whether this process may start others. Not while it is importing its modules: every child imports them too, so a
 * program that starts processes while it is imported would do so for ever. And not if it is a daemon.
 */
import { ProcessError } from '../base/errors.ts';
import { self } from './self.ts';

function guardMessage(name: string, current: string): string {
	return `cannot start ${name}: ${current} is itself still importing the program's modules, and this start() is part of them.
Every child imports the module its target is in. Code there that starts processes must run in the program only, not in
its children. Put it behind the guard:

    import * as mp from 'polyproc';               const mp = require('polyproc');
    if (mp.isMain(import.meta)) {                 if (mp.isMain(module)) {
      // start processes here                       // start processes here
    }                                             }
`;
}

/** Throws where starting a process would set off an endless chain of them, or is not allowed. */
export function assertMayStart(name: string): void {
	if (self.isLoading()) throw new ProcessError(guardMessage(name, self.name), { code: 'ERR_MP_MAIN_GUARD' });
	if (!self.daemon) return;
	throw new ProcessError(
		`cannot start ${name}: ${self.name} is a daemon, and a daemon may not have children. Start it with daemon: false.`,
		{ code: 'ERR_MP_DAEMON' },
	);
}
