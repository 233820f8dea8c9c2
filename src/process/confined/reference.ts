/** Where a broker's process begins, as a reference: it loads what it needs, and nobody else does. */
import { functionReferences } from '../../wire/function-ref.ts';
import { ownEntry } from '../../wire/own-entry.ts';
import type { stand as standType } from './broker.ts';

/** What a broker's process is started with. */
export const stand: typeof standType = async (orders) => (await import('./broker.ts')).stand(orders);

const module = ownEntry(import.meta.url, { bundled: 'broker', source: 'broker' });
functionReferences.learn(stand, { module, path: ['stand'] });
