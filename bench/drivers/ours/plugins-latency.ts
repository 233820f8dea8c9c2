import { setMaxListeners } from 'node:events';
import { isMain } from 'polyproc';
import { percentile } from '../../../examples/plugins/latency.ts';
import { inPlace, makePlugins, measureWithPlugins, serve } from '../../../examples/plugins/main.ts';
import { report } from '../../measure.ts';

if (isMain(import.meta)) {
	const { signal } = new AbortController();
	setMaxListeners(0, signal);
	const { server, url } = await serve(signal);
	const latencies = await inPlace((place) => measureWithPlugins(url, makePlugins(place), signal));
	server.close();
	report(percentile(latencies, 0.99));
}
