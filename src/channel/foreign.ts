/**
 * Node's own objects that can be sent: files (`FileHandle`), sockets and servers. They cross as descriptors and become
 * objects of the same class again.
 */
import type { BlockReference } from '../memory/heap.ts';
import { registerForeign, registerShared } from '../wire/handoff.ts';
import { sendDescriptor, takeDescriptor } from './descriptor.ts';
import { type HandleName, handleKinds, isOf, type Traits } from './handle-kinds.ts';

/** What crosses: a descriptor, and how the object was made. */
interface Sent extends BlockReference {
	readonly traits: Traits;
}

/** An object's class is looked at by name first, so that nothing is loaded for others. */
const NAMES: readonly HandleName[] = ['Socket', 'Server', 'FileHandle'];

for (const name of NAMES) {
	registerShared<Sent>(name, ({ traits, ...reference }) => {
		const kind = handleKinds[name];
		kind.prepare?.();
		return kind.make(takeDescriptor(reference, name), traits);
	});
	registerForeign({
		is: (value) => value.constructor?.name === name && isOf(handleKinds[name], value),
		handoff: (value, destination) => ({
			kind: name,
			data: {
				...sendDescriptor(handleKinds[name].descriptor(value), destination),
				traits: handleKinds[name].traits?.(value) ?? {},
			},
		}),
	});
}
