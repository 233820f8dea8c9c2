// Reads a command line of `--flag`, `--name value` and bare words; an option nobody knows ends the program with the
// usage, so that a misspelt `--cores` never runs something else. `spec` says for each option whether it takes a value.
export function readOptions(usage, spec) {
	const options = { words: [] };
	const rest = process.argv.slice(2);
	while (rest.length > 0) {
		const [word, inline] = splitAtEquals(rest.shift());
		if (!word.startsWith('--')) options.words.push(word);
		else if (!Object.hasOwn(spec, word.slice(2))) refuse(`unknown option ${word}`, usage);
		else
			options[word.slice(2)] = spec[word.slice(2)]
				? (inline ?? rest.shift() ?? refuse(`${word} needs a value`, usage))
				: true;
	}
	return options;
}

function splitAtEquals(word) {
	const at = word.startsWith('--') ? word.indexOf('=') : -1;
	return at === -1 ? [word] : [word.slice(0, at), word.slice(at + 1)];
}

function refuse(problem, usage) {
	console.error(`${problem}\nusage: ${usage}`);
	process.exit(2);
}
