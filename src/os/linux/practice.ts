/** A fork server practises what its children will do, and tidies up, so that they find everything ready and little to copy. */
import { bind } from '../ffi.ts';
import { isIdleNow } from './idle.ts';

/** Calls after which V8 has compiled a function, and has memory for what it learns of it. */
const TIMES = 12;

/**
 * In a fork server: `begin` and `live` are what a child does until its end. Whatever is compiled, bound, learned and
 * allocated for it here, no child has to; then there is as little garbage as can be, so that no child collects it.
 */
export function practise(begin: () => void, live: () => Promise<void>, then: () => void): void {
	const collect = collector();
	const round = async (times: number): Promise<void> => {
		for (let i = 0; i < times && isIdleNow(); i++) {
			begin();
			await live();
		}
	};
	void round(TIMES).finally(() => {
		collect();
		collect();
		giveBackFreed();
		process.getBuiltinModule('node:v8').setFlagsFromString('--semi-space-growth-factor=2'); // again
		setImmediate(() => setImmediate(then)); // when what the engine has put off is done
	});
}

/** Memory that C code has freed goes back to the system: each page there is costs every fork. */
function giveBackFreed(): void {
	try {
		bind<(pad: number) => number>('int malloc_trim(size_t pad)')(0);
	} catch {
		// not glibc: there is no such function
	}
}

/** A complete garbage collection, which Node has only for programs started with a flag. */
function collector(): () => void {
	const { setFlagsFromString } = process.getBuiltinModule('node:v8');
	setFlagsFromString('--expose-gc');
	const collect = process.getBuiltinModule('node:vm').runInNewContext('gc') as () => void;
	setFlagsFromString('--no-expose-gc');
	return collect;
}
