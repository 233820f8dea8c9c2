import { getContext, Queue } from 'polyproc';
import { rate, report, SMALL } from '../../measure.ts';
import { passOn } from './fill.ts';

const [there, back] = [new Queue(), new Queue()];
const child = new (getContext('spawn').Process)({ target: passOn, args: [there, back] });
await child.start();
report(
	await rate(async () => {
		await there.put(SMALL);
		await back.get();
	}),
);
there.close();
await child.join();
