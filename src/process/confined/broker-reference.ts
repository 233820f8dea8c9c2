/** Where a broker's process begins, as a reference: it loads what it needs, and nobody else does. */
import { functionReferences } from '../../wire/function-ref.ts';
import type { stand as standType } from './broker.ts';

const SOURCES = /\/confined\/broker-reference\.(?<extension>[jt]s)$/;

/** Beside the bundle that the program imports it is a CommonJS module, in the sources an ES module. */
function locate(here: string): string {
	const extension = SOURCES.exec(here)?.groups?.extension;
	return extension === undefined
		? `c${new URL('./broker.cjs', here).href}`
		: `e${new URL(`./broker.${extension}`, here).href}`;
}

/** What a broker's process is started with. */
export const stand: typeof standType = async (orders) => (await import('./broker.ts')).stand(orders);

functionReferences.learn(stand, { module: locate(import.meta.url), path: ['stand'] });
