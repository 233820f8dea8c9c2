/** What a child lays upon itself before it runs anything of the program's. */
import { platform } from '../../os/platform.ts';
import type { Restraint } from '../payload.ts';

export function restrain({ noNewPrivileges, adoptsOrphans }: Restraint): void {
	if (noNewPrivileges) platform.renouncePrivileges();
	if (adoptsOrphans) platform.adoptOrphans();
}
