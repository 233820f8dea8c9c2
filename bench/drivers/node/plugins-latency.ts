import { measure, percentile } from '../../../examples/plugins/latency.ts';
import { serve } from '../../../examples/plugins/main.ts';
import { report } from '../../measure.ts';

/** Milliseconds: as long as ours takes. */
const DURATION = 4500;

const { server, url } = await serve(new AbortController().signal);
const end = performance.now() + DURATION;
const latencies = await measure(url, () => performance.now() >= end);
server.close();
report(percentile(latencies, 0.99));
