/** Whether a function is to be called with `new`: it is a class, of the language, of Node, or of old. */
export function isClass(make: object): boolean {
	if (/^class\b/.test(Function.prototype.toString.call(make))) return true;
	const prototype: unknown = Object.getOwnPropertyDescriptor(make, 'prototype')?.value;
	if (typeof prototype !== 'object' || prototype === null) return false;
	return Object.hasOwn(prototype, 'constructor') && Reflect.ownKeys(prototype).length > 1;
}
