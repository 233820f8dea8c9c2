/** Which start method is used: what the context says, what the program has chosen, what it was told from outside, the system's own. */
import { ProcessError, typeError } from '../base/errors.ts';
import { checkKnown } from '../base/known-options.ts';
import { FORK_FLAGS } from '../os/fork-flags.ts';
import { type StartMethod, self } from './self.ts';

const FROM_OUTSIDE = 'POLYPROC_START_METHOD';

let chosen: StartMethod | null = null;

/** The start methods of this system, the default first. */
export function getAllStartMethods(): StartMethod[] {
	return FORK_FLAGS.length > 0 ? ['forkserver', 'spawn', 'fork'] : ['spawn'];
}

/** The name of a start method of this system, or the error that says what there is. */
export function checkMethod(call: string, method: unknown): StartMethod {
	if (typeof method !== 'string') throw typeError(`${call}: method must be a string, not ${typeof method}`);
	const available = getAllStartMethods();
	const known = available.find((name) => name === method);
	if (known !== undefined) return known;
	throw new ProcessError(
		`${call}: "${method}" is not a start method of this system; there are ${available.map((name) => `"${name}"`).join(', ')}.`,
		{ code: 'ERR_MP_START_METHOD' },
	);
}

function byDefault(): StartMethod {
	if (self.startMethod !== null) return self.startMethod;
	const outside = process.env[FROM_OUTSIDE];
	return outside ? checkMethod(FROM_OUTSIDE, outside) : getAllStartMethods()[0]!;
}

/** How processes are started; with `allowNone`, `null` when nobody has chosen yet. */
export function getStartMethod(options: { readonly allowNone: true }): StartMethod | null;
export function getStartMethod(options?: { readonly allowNone?: boolean }): StartMethod;
export function getStartMethod(options?: { readonly allowNone?: boolean }): StartMethod | null {
	checkKnown(options ?? {}, ['allowNone'], 'getStartMethod');
	if (chosen === null && options?.allowNone === true) return null;
	return chosen ?? byDefault();
}

/** Chooses how processes are started, once for the whole program; `force` chooses again. `null` takes the choice back. */
export function setStartMethod(method: StartMethod | null, options?: { readonly force?: boolean }): void {
	checkKnown(options ?? {}, ['force'], 'setStartMethod');
	if (chosen !== null && options?.force !== true) {
		throw new ProcessError(`setStartMethod: "${chosen}" has been chosen already; pass {force: true} to change it.`, {
			code: 'ERR_MP_START_METHOD',
		});
	}
	chosen = method === null ? null : checkMethod('setStartMethod', method);
}
