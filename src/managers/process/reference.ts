/** Where a manager's process begins, as a reference: it loads what a server needs, and nobody else does. */
import { functionReferences } from '../../wire/function-ref.ts';
import { ownEntry } from '../../wire/own-entry.ts';
import type { serve as serveType } from './main.ts';

/** Loaded before a server is forked, which might not be able to load anything. */
export function loadServe(): Promise<{ readonly serve: typeof serveType }> {
	return import('./main.ts');
}

/** What a manager's process is started with. */
export const serve: typeof serveType = async (orders) => (await loadServe()).serve(orders);

const module = ownEntry(import.meta.url, { bundled: 'manager', source: 'main' });
functionReferences.learn(serve, { module, path: ['serve'] });
