/**
 * Sockets and servers among what a process that is going to be forked is given. A forked child has them as it has
 * everything, but what its parent's event loop looks after it has closed, beneath Node's objects. So each is duplicated
 * before the fork, and in the child an object over the duplicate takes its place. Looked for are the places that one
 * can see in the call: arrays, plain objects, and the fields of the process object.
 */
import { platform } from '../os/platform.ts';
import { picklingError, propertyStep, Unpicklable } from '../wire/unpicklable.ts';
import { type Kind, loopKindOf } from './handle-kinds.ts';

interface Found {
	readonly container: object;
	readonly key: string | number;
	readonly original: object;
}

export class HandlesToFork {
	readonly #found: Found[] = [];
	readonly #copies = new Map<object, { readonly kind: Kind; readonly fd: number }>();
	readonly #seen = new Set<object>();

	/**
	 * @param roots what to look through, by the names that an error gives them
	 * @throws PicklingError if one of them could not travel
	 */
	constructor(roots: Readonly<Record<string, object>>) {
		try {
			for (const [path, root] of Object.entries(roots)) this.#lookInto(root, path);
		} catch (error) {
			this.close();
			throw error;
		}
	}

	get isEmpty(): boolean {
		return this.#found.length === 0;
	}

	/** In the child: puts new objects in the places of those that it cannot use. */
	revive(): void {
		const revived = new Map(
			Array.from(this.#copies, ([original, { kind, fd }]) => [original, kind.make(fd, kind.traits?.(original) ?? {})]),
		);
		for (const { container, key, original } of this.#found) Reflect.set(container, key, revived.get(original));
	}

	/** In the parent, which has its own. */
	close(): void {
		for (const { fd } of this.#copies.values()) platform.closeDescriptor(fd);
		this.#copies.clear();
	}

	#lookInto(container: object, path: string): void {
		if (this.#seen.has(container)) return;
		this.#seen.add(container);
		if (Array.isArray(container)) {
			for (const [index, value] of container.entries()) this.#lookAt(value, container, index, path);
			return;
		}
		for (const key of Object.keys(container)) this.#lookAt(Reflect.get(container, key), container, key, path);
	}

	#lookAt(value: unknown, container: object, key: string | number, path: string): void {
		if (typeof value !== 'object' || value === null) return;
		const kind = loopKindOf(value);
		if (kind !== undefined) this.#take(value, kind, container, key, path);
		else if (isPlain(value)) this.#lookInto(value, path + propertyStep(String(key)));
	}

	#take(original: object, kind: Kind, container: object, key: string | number, path: string): void {
		if (!this.#copies.has(original)) {
			try {
				this.#copies.set(original, { kind, fd: platform.duplicate(kind.descriptor(original)) });
			} catch (error) {
				if (!(error instanceof Unpicklable)) throw error;
				error.steps.push(propertyStep(String(key)));
				throw picklingError(error, path);
			}
		}
		this.#found.push({ container, key, original });
	}
}

function isPlain(value: object): boolean {
	const prototype: unknown = Object.getPrototypeOf(value);
	return prototype === null || prototype === Object.prototype || Array.isArray(value);
}
