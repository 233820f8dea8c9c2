/** An iterator or generator that stays in the server; each step is a call. */
import { typeError } from '../../base/errors.ts';
import { type OwnKind, ownKind } from '../server/kind.ts';

type Steps = Iterator<unknown, unknown, unknown> | AsyncIterator<unknown, unknown, unknown>;

/** Node's own iterators know no `return`: the answer of one that has ended. */
function ended(value: unknown): IteratorResult<unknown> {
	return { done: true, value };
}

export const ITERATOR: OwnKind = {
	make: () => {
		throw typeError('an Iterator is what methods return; register a function that returns one');
	},
	kind: ownKind<Steps>(
		'Iterator',
		{
			next: (steps, ...args: []) => steps.next(...args),
			return: (steps, value: unknown) => steps.return?.(value as never) ?? ended(value),
			throw: (steps, error: unknown) => {
				if (steps.throw === undefined) throw error;
				return steps.throw(error);
			},
		},
		{ shape: 'Iterator' },
	),
};
