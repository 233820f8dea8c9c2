/** What went wrong with an item, as plain data: it can cross to any process and be written as JSON, whatever was thrown. */
import { inspect } from 'node:util';

export interface Failure {
	readonly name: string;
	readonly message: string;
	readonly code?: string | number;
	readonly stack: string;
}

function textOf(value: unknown, key: string): string | undefined {
	const text: unknown = (value as Record<string, unknown>)[key];
	return typeof text === 'string' ? text : undefined;
}

export function failureOf(thrown: unknown): Failure {
	try {
		if (typeof thrown === 'object' && thrown !== null && textOf(thrown, 'message') !== undefined)
			return described(thrown);
	} catch {} // a getter that throws: it is shown as what it is
	return { name: typeof thrown, message: typeof thrown === 'string' ? thrown : inspect(thrown), stack: '' };
}

function described(error: object): Failure {
	const { code } = error as { code?: unknown };
	return {
		name: textOf(error, 'name') ?? 'Error',
		message: textOf(error, 'message') ?? '',
		...(typeof code === 'string' || typeof code === 'number' ? { code } : {}),
		stack: withoutOurs(textOf(error, 'stack') ?? ''),
	};
}

/** From this frame on a stack speaks of polyproc, and not of the function. */
const OURS = /^\s+at .*[\\/](map-worker\.cjs|cli[\\/]map[\\/]worker\.[jt]s):/;

function withoutOurs(stack: string): string {
	const lines = stack.split('\n');
	const end = lines.findIndex((line) => OURS.test(line));
	return lines.slice(0, end < 0 ? lines.length : end).join('\n');
}

/** For people. */
export function inWords({ name, message, stack }: Failure): string {
	const frames = stack.split('\n').filter((line) => /^\s+at /.test(line));
	return [`${name}: ${message}`, ...frames].join('\n');
}
