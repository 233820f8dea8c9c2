/** The system's own words for why one of its calls failed. */
import { getSystemErrorMap } from 'node:util';

export function reasonOf(error: unknown): string {
	const { errno, message } = error as { errno?: unknown; message?: unknown };
	const known = typeof errno === 'number' ? getSystemErrorMap().get(errno) : undefined;
	return known === undefined ? String(message) : `${known[1]} (${known[0]})`;
}
