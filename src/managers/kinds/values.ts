/** Value and Array: numbers and characters of a type, with the checks of a type, in the server. */
import { RawArray } from '../../memory/raw-array.ts';
import { RawValue } from '../../memory/raw-value.ts';
import { type OwnKind, ownKind } from '../server/kind.ts';

type AnyValue = RawValue<'i'>;
type AnyArray = RawArray<'i'>;

export const VALUE: OwnKind = {
	make: (type: 'i', init?: number) => new RawValue(type, init),
	kind: ownKind<AnyValue>(
		'Value',
		{
			get: (value) => value.value,
			set: (value, to: number) => {
				value.value = to;
			},
			add: (value, n: number) => value.add(n),
			exchange: (value, n: number) => value.exchange(n),
			compareExchange: (value, expected: number, n: number) => value.compareExchange(expected, n),
		},
		{ copy: (value) => value.value, shape: 'Value' },
	),
};

export const ARRAY: OwnKind = {
	make: (type: 'i', sizeOrInit: number) => new RawArray(type, sizeOrInit),
	kind: ownKind<AnyArray>(
		'Array',
		{
			at: (array, index: number) => array.at(index),
			get: (array, index: number) => array.at(index),
			set: (array, index: number, value: number) => array.set(index, value),
			length: (array) => array.length,
			slice: (array, start?: number, end?: number) => array.slice(start, end),
			setSlice: (array, start: number | undefined, end: number | undefined, values: number[]) =>
				array.setSlice(start, end, values),
			values: (array) => [...array],
		},
		{ copy: (array) => [...array], iteration: { how: 'all', method: 'values' } },
	),
};
