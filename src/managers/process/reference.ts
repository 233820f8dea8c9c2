/** Where a manager's process begins, as a reference: it loads what a server needs, and nobody else does. */
import { functionReferences } from '../../wire/function-ref.ts';
import type { serve as serveType } from './main.ts';

const SOURCES = /\/managers\/process\/reference\.(?<extension>[jt]s)$/;

/** Beside the bundle that the program imports it is a CommonJS module, in the sources an ES module. */
function locate(here: string): string {
	const extension = SOURCES.exec(here)?.groups?.extension;
	return extension === undefined
		? `c${new URL('./manager.cjs', here).href}`
		: `e${new URL(`./main.${extension}`, here).href}`;
}

/** Loaded before a server is forked, which might not be able to load anything. */
export function loadServe(): Promise<{ readonly serve: typeof serveType }> {
	return import('./main.ts');
}

/** What a manager's process is started with. */
export const serve: typeof serveType = async (orders) => (await loadServe()).serve(orders);

functionReferences.learn(serve, { module: locate(import.meta.url), path: ['serve'] });
