/** Forks a child of which the first few die before they are anybody: `node … FILE DEATHS`. */
import { appendFileSync, readFileSync } from 'node:fs';
import { afterFork } from '../../src/base/after-fork.ts';
import { getContext } from '../../src/index.ts';

const [file, deaths] = process.argv.slice(2) as [string, string];

afterFork(() => {
	appendFileSync(file, 'x');
	if (readFileSync(file).length <= Number(deaths)) process.kill(process.pid, 'SIGKILL');
});

const { Process } = getContext('fork');
const child = new Process({ target: () => console.log('lives'), stdio: ['ignore', 'inherit', 'pipe'] });
try {
	await child.start();
	console.log(await child.join());
} catch (error) {
	console.log((error as Error).message);
}
