/**
 * A program that stays alive while it computes, because a child does that: a spinner turns, and a counter shows how far
 * the work has got (lines, if that is no terminal). At the end it says how often it could draw, and how long it could not.
 *
 *     node 08-responsive-ui.js
 *     node 08-responsive-ui.js --in-main     the same work in this process: the screen stands still
 */
import { parseArgs } from 'node:util';
import { type Connection, isMain, Pipe, Process } from 'polyproc';

const PERCENT = 40_000;
/** Milliseconds between two drawings. */
const TICK = 40;

/** Counts the primes below four millions: a second or two in which its thread does nothing else. */
function countPrimes(tell: (percent: number) => void): number {
	let primes = 0;
	for (let n = 2; n < 100 * PERCENT; n++) {
		let divisor = 2;
		while (divisor * divisor <= n && n % divisor !== 0) divisor++;
		if (divisor * divisor > n) primes++;
		if (n % PERCENT === 0) tell(n / PERCENT);
	}
	return primes;
}

export function countInChild(parent: Connection): void {
	const primes = countPrimes((percent) => parent.sendSync(percent));
	parent.sendSync({ primes });
}

if (isMain(import.meta)) {
	const inMain = parseArgs({ options: { 'in-main': { type: 'boolean' } } }).values['in-main'];
	const [answers, answering] = Pipe({ duplex: false });
	if (!inMain) await new Process({ target: countInChild, args: [answering] }).start();
	answering.close();

	let [primes, percent, ticks, longestGap, last] = [0, 0, 0, 0, performance.now()];
	const look = (): void => {
		longestGap = Math.max(longestGap, performance.now() - last);
		last = performance.now();
	};
	const spinner = setInterval(() => {
		look();
		const picture = `${'|/-\\'[ticks++ % 4]} ${percent} %`;
		process.stderr.write(process.stderr.isTTY ? `\r${picture}` : `${picture}\n`);
	}, TICK);
	if (inMain) primes = countPrimes((reached) => (percent = reached));
	else {
		for await (const answer of answers) {
			if (typeof answer === 'number') percent = answer;
			else ({ primes } = answer as { primes: number });
		}
	}
	look();
	clearInterval(spinner);
	if (process.stderr.isTTY) console.error();
	console.log(`${primes} primes; ${ticks} drawings meanwhile, ${longestGap.toFixed()} ms at most without one`);
}
