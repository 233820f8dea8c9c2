/**
 * The logger that the processes of a program share the settings of: silent until `logToStderr()`, as in Python. Level
 * and destination are part of what a child is told about itself, so they are kept there (`self.logging`).
 */
import { typeError } from '../base/errors.ts';
import { log } from './log.ts';
import { LOG_LEVELS, type LogLevel, self } from './self.ts';

function checkLevel(level: unknown, call: string): LogLevel {
	const known = LOG_LEVELS.find((name) => name === level);
	if (known !== undefined) return known;
	throw typeError(`${call}: level must be one of ${LOG_LEVELS.join(', ')}, not ${String(level)}`);
}

/** What `getLogger()` gives. Messages are formatted as by `console.log`. */
export interface Logger {
	/** The least that is written; children inherit it. Default: `'warn'`. */
	level: LogLevel;
	debug(...message: unknown[]): void;
	info(...message: unknown[]): void;
	warn(...message: unknown[]): void;
	error(...message: unknown[]): void;
}

class SharedLogger implements Logger {
	get level(): LogLevel {
		return self.logging.level;
	}

	set level(level: LogLevel) {
		self.logging = { ...self.logging, level: checkLevel(level, 'Logger.level') };
	}

	debug(...message: unknown[]): void {
		log('debug', ...message);
	}

	info(...message: unknown[]): void {
		log('info', ...message);
	}

	warn(...message: unknown[]): void {
		log('warn', ...message);
	}

	error(...message: unknown[]): void {
		log('error', ...message);
	}
}

const logger = new SharedLogger();

/** The logger of this process. It writes nowhere until `logToStderr()`. */
export function getLogger(): Logger {
	return logger;
}

/**
 * Makes the logger write `[LEVEL/Process-1] message` to stderr, here and in the children started from now on.
 *
 * @param level the least that is written; unchanged if not given.
 */
export function logToStderr(level?: LogLevel): Logger {
	const least = level === undefined ? self.logging.level : checkLevel(level, 'logToStderr');
	self.logging = { toStderr: true, level: least };
	return logger;
}
