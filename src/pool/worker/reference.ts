/** Where a worker's life begins, as a reference: those who become one load it, and nobody else. */

import { preloading } from '../../process/preloading.ts';
import { functionReferences } from '../../wire/function-ref.ts';
import { ownEntry } from '../../wire/own-entry.ts';
import type { callAndTell as callAndTellType, work as workType } from './main.ts';

/** What a worker does; loaded before workers are forked, which might not be able to load anything (a loader's thread is not theirs). */
export function loadWork(): Promise<{ readonly work: typeof workType; readonly callAndTell: typeof callAndTellType }> {
	return import('./main.ts');
}

/** What a worker's process or thread is started with. */
export const work: typeof workType = async (...args) => (await loadWork()).work(...args);

/** What a process is started with for one call, with permissions. */
export const callAndTell: typeof callAndTellType = async (...args) => (await loadWork()).callAndTell(...args);

const module = ownEntry(import.meta.url, { bundled: 'worker', source: 'main' });
functionReferences.learn(work, { module, path: ['work'] });
functionReferences.learn(callAndTell, { module, path: ['callAndTell'] });
preloading.own.push(module);
