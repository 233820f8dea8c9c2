/** What workers of `polyproc map` call, as references: they load it, and nobody else (compare pool/worker/reference.ts). */
import { functionReferences } from '../../wire/function-ref.ts';
import type * as Worker from './worker.ts';

const SOURCES = /\/cli\/map\/reference\.(?<extension>[jt]s)$/;

function locate(here: string): string {
	const extension = SOURCES.exec(here)?.groups?.extension;
	return extension === undefined
		? `c${new URL('./map-worker.cjs', here).href}`
		: `e${new URL(`./worker.${extension}`, here).href}`;
}

export const prepare: typeof Worker.prepare = async (...args) => (await import('./worker.ts')).prepare(...args);
export const answer: typeof Worker.answer = async (...args) => (await import('./worker.ts')).answer(...args);
export const answerNumbered: typeof Worker.answerNumbered = async (...args) =>
	(await import('./worker.ts')).answerNumbered(...args);

for (const [name, fn] of Object.entries({ prepare, answer, answerNumbered })) {
	functionReferences.learn(fn, { module: locate(import.meta.url), path: [name] });
}
