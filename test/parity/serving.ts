/** What those do who run one target after the other. */
import type { Connection } from 'polyproc';

export const END = 'end';

type Order = [target: (...args: unknown[]) => unknown, args: unknown[]];

/** Runs what comes, and answers with what its own process would have ended with. */
export async function serve(line: Connection): Promise<void> {
	for await (const order of line) {
		if (order === END) break;
		const [target, args] = order as Order;
		try {
			await target(...args);
			await line.send(0);
		} catch (error) {
			console.error(error);
			await line.send(1);
		}
	}
	line.close();
}
