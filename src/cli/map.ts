/** `polyproc map MODULE#FUNCTION [INPUT…]`: a function over lines, JSON lines or files, on all cores. */
import { constants } from 'node:os';
import { FORK_FLAGS } from '../os/fork-flags.ts';
import { getStartMethod } from '../process/start-method.ts';
import type { Command } from './command.ts';
import './home.ts';
import { Mapping } from './map/mapping.ts';
import { type Plan, planOf } from './map/plan.ts';
import { ReaderGone } from './map/sinks.ts';
import { findTarget } from './map/target.ts';
import { USAGE } from './map/usage.ts';
import { runProgram } from './run.ts';

const ENDING: readonly NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/** Somebody wants the run to end. */
class Interrupted extends Error {
	readonly signal: NodeJS.Signals;

	constructor(signal: NodeJS.Signals) {
		super();
		this.signal = signal;
	}
}

export const map: Command = {
	usage: USAGE,
	async run(line) {
		const plan = planOf(line);
		if (plan === undefined) {
			process.stdout.write(USAGE);
			return 0;
		}
		if (needsFork(plan))
			return await runProgram({ file: process.argv[1]!, args: ['map', ...line], startMethod: 'fork' });
		return await mapItems(plan);
	},
};

/** And this process cannot fork. */
function needsFork({ startMethod = getStartMethod() }: Plan): boolean {
	return startMethod === 'fork' && !FORK_FLAGS.every((flag) => process.execArgv.includes(flag));
}

async function mapItems(plan: Plan): Promise<number> {
	const mapping = new Mapping(plan, await findTarget(plan.target));
	const listeners = ENDING.map((signal) => {
		const stop = (): void => mapping.stop(new Interrupted(signal));
		process.on(signal, stop);
		return () => process.off(signal, stop);
	});
	try {
		await mapping.run();
		return report(mapping.failed, plan);
	} catch (error) {
		if (error instanceof ReaderGone) return 0;
		if (error instanceof Interrupted) return endBy(error.signal, plan);
		throw error;
	} finally {
		for (const remove of listeners) remove();
	}
}

function report(failed: number, { errors }: Plan): number {
	if (failed === 0) return 0;
	const where = errors === undefined ? '' : `; see ${errors}`;
	process.stderr.write(`polyproc: map: ${failed} ${failed === 1 ? 'item has' : 'items have'} failed${where}\n`);
	return 1;
}

/** As whoever has sent the signal expects it. */
function endBy(signal: NodeJS.Signals, { resume }: Plan): number {
	const hint = resume === undefined ? '' : '; the same command goes on from here';
	process.stderr.write(`polyproc: map: interrupted by ${signal}${hint}\n`);
	process.removeAllListeners(signal);
	process.kill(process.pid, signal);
	return 128 + constants.signals[signal];
}
