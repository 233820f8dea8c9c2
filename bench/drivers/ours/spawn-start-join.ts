import { getContext } from 'polyproc';
import { medianTime, report } from '../../measure.ts';
import { nothing } from './nothing.ts';

const { Process } = getContext('spawn');

report(
	await medianTime(async () => {
		const child = new Process({ target: nothing });
		await child.start();
		await child.join();
		child.close();
	}),
);
