import { getContext, Pipe } from 'polyproc';
import { rate, report, SMALL } from '../../measure.ts';
import { echo } from './echo.ts';

const [here, there] = Pipe();
const child = new (getContext('spawn').Process)({ target: echo, args: [there] });
await child.start();
there.close();
report(
	await rate(async () => {
		await here.send(SMALL);
		await here.recv();
	}),
);
here.close();
await child.join();
