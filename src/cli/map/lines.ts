/** Text in lines, as it comes: only one of them, and the piece that was read last, are in memory. */

/** Ended by a line feed, or by a carriage return and one; the last may do without. Bytes that are not UTF-8 become U+FFFD. */
export async function* linesOf(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string, void, undefined> {
	const decoder = new TextDecoder();
	let begun = '';
	for await (const chunk of chunks) {
		const [first, ...more] = decoder.decode(chunk, { stream: true }).split('\n') as [string, ...string[]];
		begun += first; // a rope: a line of a gigabyte is not copied for each of its pieces
		for (const piece of more) {
			yield withoutReturn(begun);
			begun = piece;
		}
	}
	begun += decoder.decode();
	if (begun !== '') yield withoutReturn(begun);
}

function withoutReturn(line: string): string {
	return line.endsWith('\r') ? line.slice(0, -1) : line;
}
