import { getContext, Pipe } from 'polyproc';
import { rateSync, report, SMALL } from '../../measure.ts';
import { echoSync } from './echo.ts';

const [here, there] = Pipe();
const child = new (getContext('spawn').Process)({ target: echoSync, args: [there] });
await child.start();
there.close();
report(
	rateSync(() => {
		here.sendSync(SMALL);
		here.recvSync();
	}, 16),
);
here.close();
await child.join();
