/** What workers of `polyproc map` call, as references: they load it, and nobody else (compare pool/worker/reference.ts). */
import { functionReferences } from '../../wire/function-ref.ts';
import { ownEntry } from '../../wire/own-entry.ts';
import type * as Worker from './worker.ts';

export const prepare: typeof Worker.prepare = async (...args) => (await import('./worker.ts')).prepare(...args);
export const answer: typeof Worker.answer = async (...args) => (await import('./worker.ts')).answer(...args);
export const answerNumbered: typeof Worker.answerNumbered = async (...args) =>
	(await import('./worker.ts')).answerNumbered(...args);

const module = ownEntry(import.meta.url, { bundled: 'map-worker', source: 'worker' });
for (const [name, fn] of Object.entries({ prepare, answer, answerNumbered })) {
	functionReferences.learn(fn, { module, path: [name] });
}
