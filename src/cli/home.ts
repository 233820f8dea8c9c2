/** What the package's face does for a program that imports it: the command imports what is behind the face. */
import '../channel/foreign.ts';
import '../process/fork-readiness.ts';
import { declareSharedHome } from '../wire/handoff.ts';

const SOURCES = /\/cli\/home\.(?<extension>[jt]s)$/;

declareSharedHome(() => {
	const extension = SOURCES.exec(import.meta.url)?.groups?.extension;
	return new URL(extension === undefined ? './index.cjs' : `../index.${extension}`, import.meta.url).href;
});
