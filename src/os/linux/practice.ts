/** A fork server practises what its children will do, and tidies up, so that they find everything ready and little to copy. */
import { isIdleNow } from './idle.ts';
import { grow } from './thrift.ts';

/** Calls after which V8 has compiled a function, and has memory for what it learns of it. */
const TIMES = 12;

/**
 * In a fork server: `begin` and `live` are what a child does until its end. Whatever is compiled, bound, learned and
 * allocated for it here, no child has to; then there is as little garbage as can be, so that no child collects it.
 */
export function practise(begin: () => void, live: () => Promise<void>, then: () => void): void {
	const round = async (times: number): Promise<void> => {
		for (let i = 0; i < times && isIdleNow(); i++) {
			begin();
			await live();
		}
	};
	void round(TIMES).finally(() => {
		grow();
		setImmediate(() => setImmediate(then)); // when what the engine has put off is done
	});
}
