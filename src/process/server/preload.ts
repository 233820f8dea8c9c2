/** Importing modules into the fork server, once, so that every child has them. */
import { Session } from 'node:inspector';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { inspect } from 'node:util';
import { preloaded } from '../child/preloaded.ts';
import type { ServerOrder } from '../fork-server.ts';

/** How long a module may take that neither finishes nor lets the server become idle, in milliseconds. */
const PATIENCE = 10_000;
/** A program without the guard: its children will say so. */
const MAIN_GUARD = 'ERR_MP_MAIN_GUARD';

const IDLE = Symbol('idle');

class Exit extends Error {
	constructor(code: unknown) {
		super(`it called process.exit(${String(code ?? '')})`);
	}
}

function isGuardError(error: unknown): boolean {
	for (let cause = error; cause instanceof Error; cause = cause.cause as Error) {
		if ('code' in cause && cause.code === MAIN_GUARD) return true;
	}
	return false;
}

function resolved(specifier: string, program: string | undefined): string {
	if (/^(?:file|node|data):/.test(specifier)) return specifier;
	const require = createRequire(program ?? pathToFileURL(`${process.cwd()}/_`));
	const path = require.resolve(specifier);
	return path.startsWith('/') ? pathToFileURL(path).href : path;
}

/** Settles when the import has, when nothing is left that could make it settle, or after `PATIENCE`. */
async function importOnce(url: string): Promise<void> {
	let idle!: () => void;
	const stuck = new Promise<typeof IDLE>((resolve) => {
		idle = () => resolve(IDLE);
		process.once('beforeExit', idle);
	});
	let timer: NodeJS.Timeout | undefined;
	const late = new Promise<typeof IDLE>((resolve) => {
		timer = setTimeout(() => resolve(IDLE), PATIENCE).unref();
	});
	try {
		const result = await Promise.race([import(url), stuck, late]);
		if (result === IDLE) throw new Error('it waits for something at its top level that does not happen');
	} finally {
		process.off('beforeExit', idle);
		clearTimeout(timer);
	}
}

/** The URLs of all ES modules there are, as the debugger of the own process lists them. */
function moduleUrls(): string[] {
	const urls: string[] = [];
	const session = new Session();
	session.connect();
	session.on('Debugger.scriptParsed', ({ params: { isModule, url } }) => {
		if (isModule === true && url.startsWith('file:')) urls.push(url);
	});
	session.post('Debugger.enable');
	session.disconnect();
	return urls;
}

/** Modules that have been imported, also by others: importing them again only tells what they export. */
async function rememberModules(): Promise<void> {
	for (const url of moduleUrls()) {
		// One that failed, or still waits for something at its top level, is not to be had.
		const late = new Promise<undefined>((resolve) => setImmediate(() => setImmediate(resolve, undefined)));
		const module = (await Promise.race([import(url).catch(() => undefined), late])) as object | undefined;
		if (module !== undefined) preloaded.set(url, module);
	}
}

/** What could not be imported, and why, when `onError` is `'fail'`. */
export async function preload({ preload: modules, main, onError, argv }: ServerOrder): Promise<string | undefined> {
	const exit = process.exit;
	process.exit = ((code?: number) => {
		throw new Exit(code);
	}) as typeof process.exit;
	const stray = (error: unknown): void => {
		if (!(error instanceof Exit) && !isGuardError(error) && onError !== 'ignore')
			report(`a preloaded module failed later:\n${inspect(error)}`);
	};
	process.on('uncaughtException', stray);
	try {
		const failure = await preloadAll();
		await rememberModules();
		return failure;
	} finally {
		process.exit = exit;
		process.off('uncaughtException', stray);
	}

	async function preloadAll(): Promise<string | undefined> {
		for (const module of [...modules, ...(main === null ? [] : [main])]) {
			const failure = await attempt(module, argv[0]);
			if (failure === undefined) continue;
			const text = `cannot preload ${module}: ${failure.text}`;
			if (onError === 'fail' && !(failure.isGuard && module === main)) return text;
			if (onError === 'warn' && !(failure.isGuard && module === main)) report(text);
		}
		return undefined;
	}
}

async function attempt(
	module: string,
	program: string | undefined,
): Promise<{ text: string; isGuard: boolean } | undefined> {
	try {
		await importOnce(resolved(module, program));
		return undefined;
	} catch (error) {
		const text = error instanceof Exit ? error.message : inspect(error);
		return { text, isGuard: isGuardError(error) };
	}
}

function report(text: string): void {
	process.stderr.write(`polyproc fork server: ${text}\n`);
}
