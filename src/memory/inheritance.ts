/** What a child is told about the family, kept until it meets something shared. Apart from the family so that a child that never does loads nothing. */

/** The inherited descriptor of the segment, and who this process is: a participant its parent knows, or one of this name. */
export interface Inheritance {
	readonly fd: number;
	readonly participant: number | string;
}

let inheritance: Inheritance | undefined;

/** In a child, before anything else: where the family is to be joined when it is first needed. */
export function inheritFamily(from: Inheritance | undefined): void {
	inheritance = from;
}

/** `undefined` in the program itself. */
export function inheritedFamily(): Inheritance | undefined {
	return inheritance;
}

let farewell: (() => void) | undefined;

/** What this thread does when it ends by itself, if it has joined the family. */
export function onFarewell(leave: () => void): void {
	farewell = leave;
}

let prepareFarewell: (() => void) | undefined;

/** What makes certain that `leaveFamily` will be called; known to who knows how a process ends. */
export function onFarewellNeeded(prepare: () => void): void {
	prepareFarewell = prepare;
}

/** From now on this thread has something to do when it ends by itself. */
export function needFarewell(): void {
	prepareFarewell?.();
}

/** Has `leaveFamily` do nothing until what is returned is called. */
export function withholdFarewell(): () => void {
	const withheld = farewell;
	farewell = undefined;
	return () => {
		farewell = withheld;
	};
}

/** Lets go of everything shared; the very last thing a process that ends by itself does. */
export function leaveFamily(): void {
	farewell?.();
}
