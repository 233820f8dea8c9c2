/** Half of the conformance suite in processes that can be forked. */
import { forkSuite } from './fork-suite.ts';

forkSuite(0, 2);
