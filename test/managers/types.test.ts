/** What proxies are, as the compiler sees it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BaseManager, type DictProxy, type IteratorProxy, Manager, type Remote } from 'polyproc';
import { checkLeaks } from '../house/leaks.ts';

checkLeaks(async () => {
	await using manager = await Manager();
	await manager.dict();
});

type Same<A, B> = [A, B] extends [B, A] ? true : false;
function same<A, B>(_answer: Same<A, B>): void {}

class Shop {
	readonly prices: Map<string, number> = new Map();

	price(name: string, otherwise: number = 0): number {
		return this.prices.get(name) ?? otherwise;
	}

	async order(...names: string[]): Promise<string[]> {
		return names;
	}

	*names(): Generator<string> {
		yield* this.prices.keys();
	}

	_hidden(): void {}
}

test('a proxy has each method twice, with its arguments and its result, and no properties', () => {
	type Proxy = Remote<Shop>;
	same<ReturnType<Proxy['price']>, Promise<number>>(true);
	same<ReturnType<Proxy['priceSync']>, number>(true);
	same<Parameters<Proxy['price']>, [name: string, otherwise?: number | undefined]>(true);
	same<ReturnType<Proxy['order']>, Promise<string[]>>(true);
	same<ReturnType<Proxy['orderSync']>, string[]>(true);
	same<ReturnType<Proxy['names']>, Promise<IteratorProxy<string>>>(true);
	same<Extract<'prices' | '_hidden', keyof Proxy>, never>(true);
	same<ReturnType<Proxy['getValue']>, Promise<Shop>>(true);
});

test('what a manager makes has the types of its arguments', async () => {
	await using manager = await Manager();
	const dict = await manager.dict({ a: 1 });
	same<typeof dict, DictProxy<string, number>>(true);
	const got = dict.getSync('a');
	same<typeof got, number | undefined>(true);
	// @ts-expect-error text into a dict of numbers
	await dict.set('b', 'text');
	const sum = await dict.update((map, ...more: number[]) => map.size + more.length, 1, 2);
	same<typeof sum, number>(true);
	assert.deepEqual([got, sum], [1, 4]);
	for await (const [key, value] of dict) {
		same<typeof key, string>(true);
		same<typeof value, number>(true);
	}
	const list = await manager.list(['x']);
	same<Awaited<ReturnType<typeof list.at>>, string | undefined>(true);
	assert.equal(list.joinSync('-'), 'x');
	// @ts-expect-error managers make no such thing
	assert.throws(() => manager.nothing(), TypeError);
});

test('what is registered is declared', () => {
	class ShopManager extends BaseManager {
		declare readonly Shop: (name: string) => Promise<Remote<Shop>>;
	}
	ShopManager.register('Shop', Shop);
	same<Awaited<ReturnType<ShopManager['Shop']>>, Remote<Shop>>(true);
	assert.equal(typeof new ShopManager().Shop, 'function');
});
