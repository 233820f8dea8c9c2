/** Options are objects with known names: a misspelt one must not be ignored silently. */
import { typeError } from './errors.ts';

/** @throws TypeError naming the first option of `call` that there is not. */
export function checkKnown(options: object, known: readonly string[], call: string): void {
	for (const name of Object.keys(options)) {
		if (known.includes(name)) continue;
		const choice = known.length === 1 ? 'there is only' : 'there are';
		throw typeError(`${call}: unknown option "${name}"; ${choice} ${known.join(', ')}`);
	}
}
