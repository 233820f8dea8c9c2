/**
 * Writing a line of the log, for whoever has something to tell: the program through its logger (logger.ts), and the
 * library itself about the life of processes, in CPython's words. Light, because every child has it.
 */
import { format } from 'node:util';
import { LOG_LEVELS, type LogLevel, self } from './self.ts';

/** Writes `[LEVEL/Process-1] message` to stderr, if that is to be heard. Formatted as by `console.log`. */
export function log(level: LogLevel, ...message: unknown[]): void {
	const { toStderr, level: least } = self.logging;
	if (!toStderr || LOG_LEVELS.indexOf(level) < LOG_LEVELS.indexOf(least)) return;
	process.stderr.write(`[${level.toUpperCase()}/${self.name}] ${format(...message)}\n`);
}
