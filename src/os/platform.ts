/** Picks the implementation of the platform contract for the system this runs on. The only place that asks. */
import { ProcessError } from '../base/errors.ts';
import type { Platform } from './contract.ts';
import { linux } from './linux/linux.ts';

function unsupported(): never {
	throw new ProcessError(
		`polyproc does not run on ${process.platform} yet: only Linux is implemented. See "Platforms" in the README.`,
		{ code: 'ERR_MP_PLATFORM' },
	);
}

/** This thread's platform. */
export const platform: Platform =
	process.platform === 'linux' ? linux : new Proxy({} as Platform, { get: unsupported });
