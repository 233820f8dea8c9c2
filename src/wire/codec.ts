/** STAND-IN until branch `wire` lands: functions travel as source text. */
import { deserialize, serialize } from 'node:v8';
import { PicklingError } from '../base/errors.ts';
import type { Destination } from './handoff.ts';

export interface EncodeOptions {
	readonly root: string;
	readonly to: Destination;
}

function flatten(value: unknown, path: string): unknown {
	if (typeof value === 'function') return { $fn: String(value) };
	if (typeof value === 'symbol') throw new PicklingError(`cannot pickle ${path}`, path);
	if (Array.isArray(value)) return value.map((item, index) => flatten(item, `${path}[${index}]`));
	if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value;
	return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, flatten(item, `${path}.${key}`)]));
}

export function encode(value: unknown, options: EncodeOptions): Uint8Array {
	return serialize(flatten(value, options.root));
}

function unflatten(value: unknown): unknown {
	if (Array.isArray(value)) return value.map(unflatten);
	if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value;
	// biome-ignore lint/security/noGlobalEval: stand-in
	if ('$fn' in value) return (0, eval)(`(${value.$fn})`);
	return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, unflatten(item)]));
}

export async function decodeAsync(bytes: Uint8Array): Promise<unknown> {
	return unflatten(deserialize(bytes));
}
