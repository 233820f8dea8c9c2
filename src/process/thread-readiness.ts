/** Threads that a program starts by itself, before it has shared anything, may use the package too: they get their gates. */
import { gateTable } from '../os/gate-table.ts';
import { gates } from '../os/gates.ts';

gateTable((worker) => gates.endAtGate(worker));
