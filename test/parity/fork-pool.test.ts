/** The conformance suite of pools in a process that can be forked. */
import { forkPools } from './fork-suite.ts';

forkPools();
