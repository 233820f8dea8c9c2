/**
 * What must be renewed in a child that was forked: it has a copy of everything its parent had, and some of that belongs
 * to the parent alone (its place in the family, what it waits for, its children). Each module with such state says here
 * how to renew it; the hooks run in the child before anything of the user's does, in the order in which they were added,
 * which is that of the layers.
 */

/** `pid` is the child's. */
type Hook = (pid: number) => void;

interface Renewal {
	readonly hook: Hook;
	readonly isNeeded: () => boolean;
}

const renewals: Renewal[] = [];
let forks = 0;
let each = false;

/** `isNeeded`: whether there is anything to renew, asked in the parent: what a child need not do it need not load. */
export function afterFork(hook: Hook, isNeeded: () => boolean = () => true): void {
	renewals.push({ hook, isNeeded });
}

/** In the parent, right before a fork: what its child has to renew. */
export function neededRenewals(): Hook[] {
	const needed: Hook[] = [];
	for (const { hook, isNeeded } of renewals) if (isNeeded()) needed.push(hook);
	return needed;
}

/** In the child, once. */
export function renewAfterFork(needed: readonly Hook[], pid: number = process.pid): void {
	forks += 1;
	for (const hook of needed) hook(pid);
}

/** From now on this process has something that each child must renew for itself. */
export function renewEach(): void {
	each = true;
}

/** Whether it is not enough that the parent of many children, which has nothing else to do, does it once for all of them. */
export function mustRenewEach(): boolean {
	return each;
}

/** How many forks lie between this process and the one that was started with a program: state of another number is a parent's. */
export function forkGeneration(): number {
	return forks;
}

const lasting = new WeakSet<object>();

/** Has a listener of `process` for its signals or its end stay in forked children: the others' are their parent's. */
export function keepAfterFork(...listeners: readonly object[]): void {
	for (const listener of listeners) lasting.add(listener);
}

export function outlivesFork(listener: object): boolean {
	return lasting.has(listener);
}
