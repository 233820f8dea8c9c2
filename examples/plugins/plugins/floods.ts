/** Says more than anybody can listen to. */
import type { Host } from '../run-plugin.ts';

export default function floods({ sayNow }: Host): never {
	for (;;) sayNow('Buy! '.repeat(100));
}
