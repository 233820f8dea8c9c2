import { report } from '../../measure.ts';

const NANOSECONDS = 60;

// Not measured: what an add may take at most.
report(1e9 / NANOSECONDS);
