/**
 * What must be renewed in a child that was forked: it has a copy of everything its parent had, and some of that belongs
 * to the parent alone (its place in the family, what it waits for, its children). Each module with such state says here
 * how to renew it; the hooks run in the child before anything of the user's does, in the order in which they were added,
 * which is that of the layers.
 */

type Hook = () => void;

const hooks: Hook[] = [];
let forks = 0;
let each = false;

export function afterFork(hook: Hook): void {
	hooks.push(hook);
}

/** In the child, once. */
export function renewAfterFork(): void {
	forks += 1;
	for (const hook of hooks) hook();
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
