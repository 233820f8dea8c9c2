/** dict, list, set and Namespace: a Map, an array, a Set and an object of names in the server. */
import { rangeError, typeError } from '../../base/errors.ts';
import { type OwnKind, ownKind } from '../server/kind.ts';

type Dict = Map<unknown, unknown>;
type List = unknown[];
type Names = Record<string, unknown>;

function isIterable(value: unknown): value is Iterable<unknown> {
	return value !== null && value !== undefined && typeof (value as Iterable<unknown>)[Symbol.iterator] === 'function';
}

/** Entries of what a user passed: a Map, anything of pairs, or an object of names. */
function entriesOf(init: unknown): Iterable<readonly [unknown, unknown]> {
	if (init === undefined || init === null) return [];
	if (isIterable(init)) return checkedPairs(init);
	if (typeof init === 'object') return Object.entries(init);
	throw typeError(`dict: it can be made of a Map, of pairs or of an object, not of ${typeof init}`);
}

function* checkedPairs(init: Iterable<unknown>): Generator<readonly [unknown, unknown]> {
	for (const pair of init) {
		if (!Array.isArray(pair) || pair.length !== 2) throw typeError('dict: an entry must be a pair [key, value]');
		yield pair as [unknown, unknown];
	}
}

function itemsOf(init: unknown, name: string): Iterable<unknown> {
	if (init === undefined || init === null) return [];
	if (isIterable(init)) return init;
	throw typeError(`${name}: it can be made of anything that can be iterated over, not of ${typeof init}`);
}

export const DICT: OwnKind = {
	make: (init?: unknown) => new Map(entriesOf(init)),
	kind: ownKind<Dict>(
		'dict',
		{
			get: (map, key: unknown) => map.get(key),
			set: (map, key: unknown, value: unknown) => map.set(key, value),
			has: (map, key: unknown) => map.has(key),
			delete: (map, key: unknown) => map.delete(key),
			clear: (map) => map.clear(),
			size: (map) => map.size,
			keys: (map) => [...map.keys()],
			values: (map) => [...map.values()],
			entries: (map) => [...map.entries()],
			getOrInsert: (map, key: unknown, value: unknown) => {
				if (!map.has(key)) map.set(key, value);
				return map.get(key);
			},
			/** Takes an entry out; what was passed, if there is none. */
			pop: (map, key: unknown, otherwise: unknown) => {
				const value = map.has(key) ? map.get(key) : otherwise;
				map.delete(key);
				return value;
			},
			/** Takes the last entry out. */
			popItem: (map) => {
				const last = [...map.entries()].at(-1);
				if (last !== undefined) map.delete(last[0]);
				return last;
			},
			/** Sets everything that there is in a Map, pairs or an object. */
			assign: (map, init: unknown) => {
				for (const [key, value] of entriesOf(init)) map.set(key, value);
				return map;
			},
		},
		{ copy: (map) => map, iteration: { how: 'all', method: 'entries' } },
	),
};

/** Where an element is, whose index may count from the end. */
function place(list: List, index: unknown, name: string): number {
	if (typeof index !== 'number' || !Number.isInteger(index)) {
		throw typeError(`list.${name}: the index must be a whole number, not ${String(index)}`);
	}
	const at = index < 0 ? index + list.length : index;
	if (at >= 0 && at < list.length) return at;
	throw rangeError(`list.${name}: there is no element ${index}; there are ${list.length}`);
}

type Test = (item: unknown, index: number, list: List) => unknown;

export const LIST: OwnKind = {
	make: (init?: unknown) => [...itemsOf(init, 'list')],
	kind: ownKind<List>(
		'list',
		{
			at: (list, index: number) => list.at(index),
			get: (list, index: unknown) => list[place(list, index, 'get')],
			set: (list, index: unknown, value: unknown) => {
				list[place(list, index, 'set')] = value;
			},
			length: (list) => list.length,
			push: (list, ...items: unknown[]) => list.push(...items),
			pop: (list) => list.pop(),
			shift: (list) => list.shift(),
			unshift: (list, ...items: unknown[]) => list.unshift(...items),
			splice: (list, ...args: [number]) => list.splice(...args),
			slice: (list, start?: number, end?: number) => list.slice(start, end),
			concat: (list, ...others: unknown[]) => list.concat(...others),
			indexOf: (list, item: unknown, ...from: [number?]) => list.indexOf(item, ...from),
			lastIndexOf: (list, item: unknown) => list.lastIndexOf(item),
			includes: (list, item: unknown) => list.includes(item),
			join: (list, separator?: string) => list.join(separator),
			reverse: (list) => list.reverse(),
			sort: (list, compare?: (a: unknown, b: unknown) => number) => list.sort(compare),
			fill: (list, value: unknown, start?: number, end?: number) => list.fill(value, start, end),
			copyWithin: (list, to: number, start: number, end?: number) => list.copyWithin(to, start, end),
			find: (list, test: Test) => list.find(test),
			findIndex: (list, test: Test) => list.findIndex(test),
			findLast: (list, test: Test) => list.findLast(test),
			findLastIndex: (list, test: Test) => list.findLastIndex(test),
			filter: (list, test: Test) => list.filter(test),
			map: (list, fn: Test) => list.map(fn),
			some: (list, test: Test) => list.some(test),
			every: (list, test: Test) => list.every(test),
			reduce: (list, ...args: [(sum: unknown, item: unknown) => unknown]) => list.reduce(...args),
			flat: (list, depth?: number) => list.flat(depth),
			toReversed: (list) => list.toReversed(),
			toSorted: (list, compare?: (a: unknown, b: unknown) => number) => list.toSorted(compare),
			with: (list, index: number, value: unknown) => list.with(index, value),
			keys: (list) => [...list.keys()],
			values: (list) => list.slice(),
			entries: (list) => [...list.entries()],
			clear: (list) => {
				list.length = 0;
			},
			/** `[element]`, or nothing behind the last: what iterating over a proxy asks for. */
			step: (list, index: number) => (index < list.length ? [list[index]] : []),
		},
		{ copy: (list) => list, iteration: { how: 'next', method: 'step' } },
	),
};

type Items = Set<unknown>;

function setOf(other: unknown, name: string): Items {
	return new Set(itemsOf(other, `set.${name}`));
}

/** What is left of a set's items, in a set of its own. */
function those(set: Items, test: (item: unknown) => boolean): Items {
	return new Set([...set].filter(test));
}

function isWithin(small: Items, large: Items): boolean {
	return [...small].every((item) => large.has(item));
}

function isApart(set: Items, other: Items): boolean {
	return ![...set].some((item) => other.has(item));
}

export const SET: OwnKind = {
	make: (init?: unknown) => new Set(itemsOf(init, 'set')),
	kind: ownKind<Items>(
		'set',
		{
			add: (set, item: unknown) => set.add(item),
			has: (set, item: unknown) => set.has(item),
			delete: (set, item: unknown) => set.delete(item),
			clear: (set) => set.clear(),
			size: (set) => set.size,
			keys: (set) => [...set],
			values: (set) => [...set],
			entries: (set) => [...set.entries()],
			/** Takes an item out, whichever; undefined if there is none. */
			pop: (set) => {
				const [item] = set;
				set.delete(item);
				return item;
			},
			/** Adds everything that can be iterated over in `items`. */
			assign: (set, items: unknown) => {
				for (const item of itemsOf(items, 'set.assign')) set.add(item);
				return set;
			},
			union: (set, other: unknown) => new Set([...set, ...setOf(other, 'union')]),
			intersection: (set, other: unknown) => {
				const items = setOf(other, 'intersection');
				return those(set, (item) => items.has(item));
			},
			difference: (set, other: unknown) => {
				const items = setOf(other, 'difference');
				return those(set, (item) => !items.has(item));
			},
			symmetricDifference: (set, other: unknown) => {
				const items = setOf(other, 'symmetricDifference');
				return new Set([...those(set, (item) => !items.has(item)), ...those(items, (item) => !set.has(item))]);
			},
			isSubsetOf: (set, other: unknown) => isWithin(set, setOf(other, 'isSubsetOf')),
			isSupersetOf: (set, other: unknown) => isWithin(setOf(other, 'isSupersetOf'), set),
			isDisjointFrom: (set, other: unknown) => isApart(set, setOf(other, 'isDisjointFrom')),
		},
		{ copy: (set) => set, iteration: { how: 'all', method: 'values' } },
	),
};

function named(name: unknown): string {
	if (typeof name === 'string') return name;
	throw typeError(`Namespace: a name must be a string, not ${typeof name}`);
}

export const NAMESPACE: OwnKind = {
	make: (init: Names = {}) => Object.assign(Object.create(null) as Names, init),
	kind: ownKind<Names>(
		'Namespace',
		{
			get: (names, name: unknown) => names[named(name)],
			set: (names, name: unknown, value: unknown) => {
				names[named(name)] = value;
				return names;
			},
			has: (names, name: unknown) => Object.hasOwn(names, named(name)),
			delete: (names, name: unknown) => {
				const had = Object.hasOwn(names, named(name));
				delete names[named(name)];
				return had;
			},
			keys: (names) => Object.keys(names),
			values: (names) => Object.values(names),
			entries: (names) => Object.entries(names),
		},
		{ copy: (names) => ({ ...names }), iteration: { how: 'all', method: 'entries' } },
	),
};
