/** What the family knows of a process's descendants: who has had whom made by a fork server. */
import { joinedFamily } from '../memory/family.ts';
import type { Kin, ThreadIdentity } from '../os/contract.ts';

const NOBODY: readonly never[] = [];

/** As it is now, looked up when it is first asked for. `orphans`: known descendants whose parents may be gone. */
export function kin(orphans: readonly ThreadIdentity[] = NOBODY): Kin {
	let children: ReadonlyMap<number, readonly ThreadIdentity[]> | undefined;
	return {
		orphans,
		servedFor(pid) {
			children ??= joinedFamily()?.participants.children() ?? new Map();
			return children.get(pid) ?? NOBODY;
		},
	};
}
