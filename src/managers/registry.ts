/** The types of objects that a manager's class can make, by the names it registered them under. */
/** How a type was registered. */
export interface Registration {
	readonly typeid: string;
	/** Makes the object, in the server; a class is called with `new`. `null`: the server knows how, or nobody here does. */
	readonly make: ((...args: never[]) => unknown) | (new (...args: never[]) => unknown) | null;
	/** What may be called; `null`: the object's public methods. */
	readonly exposed: readonly string[] | null;
	/** The class of its proxies; `null`: one with just the methods. */
	readonly proxytype: (new (...args: never[]) => object) | null;
	/** What methods return goes into the server, too, as an object of this type. */
	readonly methodToTypeid: Readonly<Record<string, string>>;
}

export interface RegisterOptions {
	/** The methods that may be called; by default the public ones: those of its classes and its own whose names do not begin with `_`. */
	exposed?: readonly string[] | undefined;
	/** A subclass of `BaseProxy`, whose methods use `callMethod`. */
	proxytype?: (new (...args: never[]) => object) | undefined;
	/** Methods whose results stay in the server; the caller gets a proxy, of the type registered under this name. */
	methodToTypeid?: Readonly<Record<string, string>> | undefined;
}

const registries = new WeakMap<object, Map<string, Registration>>();

/** Everything a class of managers can make: its own types, and those of the classes above it. */
export function registrationsOf(managerClass: object): Map<string, Registration> {
	const above = Object.getPrototypeOf(managerClass) as object | null;
	const all = above === null || above === Function.prototype ? new Map<string, Registration>() : registrationsOf(above);
	for (const [typeid, registration] of registries.get(managerClass) ?? []) all.set(typeid, registration);
	return all;
}

/** Registers a type with a class of managers. */
export function registerType(managerClass: object, registration: Registration): void {
	const own = registries.get(managerClass) ?? new Map<string, Registration>();
	registries.set(managerClass, own);
	own.set(registration.typeid, registration);
}
