// The command line of a script. An option nobody knows ends the script with its usage, so that a misspelt `--cores`
// never runs something else.
import { parseArgs } from 'node:util';

/** `options` as in `util.parseArgs`; gives their values and, as `words`, whatever is not an option. */
export function readOptions(usage, options) {
	try {
		const { values, positionals } = parseArgs({ options, allowPositionals: true });
		return { ...values, words: positionals };
	} catch (error) {
		console.error(`${error.message}\nusage: ${usage}`);
		process.exit(2);
	}
}
