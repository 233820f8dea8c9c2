/** What every command of the command line is, and what it says when it cannot do what was asked. */
import { parseArgs } from 'node:util';
import type { StartMethod } from '../process/self.ts';
import { checkMethod } from '../process/start-method.ts';

export interface Command {
	/** Its options, for `--help` and beside what is wrong with a command line. */
	readonly usage: string;
	/** Resolves with the exit code. */
	run(line: readonly string[]): Promise<number>;
}

/** A command line that makes no sense: exit code 2, with the usage. */
export class UsageError extends Error {}

/** A command line that is well written, and cannot be done: the exit code, and one message. */
export class CommandError extends Error {
	readonly exitCode: number;

	constructor(message: string, exitCode: number) {
		super(message);
		this.exitCode = exitCode;
	}
}

type ParseConfig = NonNullable<Parameters<typeof parseArgs>[0]>;

/** As `parseArgs`; whatever is wrong is a UsageError. */
export function parse<T extends ParseConfig>(config: T): ReturnType<typeof parseArgs<T>> {
	try {
		return parseArgs(config);
	} catch (error) {
		throw new UsageError((error as Error).message);
	}
}

/** @throws UsageError */
export function startMethodOf(name: string | undefined): StartMethod | undefined {
	if (name === undefined) return undefined;
	try {
		return checkMethod('--start-method', name);
	} catch (error) {
		throw new UsageError((error as Error).message);
	}
}
