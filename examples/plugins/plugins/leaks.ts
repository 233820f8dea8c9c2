/** Forgets nothing. */
const memories: Uint8Array[] = [];

export default async function leaks(): Promise<never> {
	for (let day = 0; ; day++) {
		memories.push(new Uint8Array(2 ** 20).fill(day));
		await new Promise(setImmediate);
	}
}
