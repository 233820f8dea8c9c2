/** The step of every shape that starts a process that does nothing and waits for its end. */
import { getContext, type StartMethod } from 'polyproc';
import { nothing } from './nothing.ts';

/** Starts `count` of them at once. */
export function startAndJoin(method: StartMethod, count: number = 1): () => Promise<void> {
	const { Process } = getContext(method);
	return async () => {
		const children = Array.from({ length: count }, () => new Process({ target: nothing }));
		await Promise.all(children.map((child) => child.start()));
		for (const child of children) {
			if ((await child.join()) !== 0) throw new Error(`${child.name} ended with exit code ${child.exitCode}`);
			child.close();
		}
	};
}
