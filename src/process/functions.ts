/** Questions about the processes of this program. */
import { platform } from '../os/platform.ts';
import { children } from './children.ts';
import type { Process } from './process.ts';

/** The children of this process that are running. */
export function activeChildren(): Process[] {
	return children.handles() as Process[];
}

/** Usable processors: those this process is allowed on and its control group pays for; at least 1. */
export function cpuCount(): number {
	return platform.cpuCount();
}
