import assert from 'node:assert/strict';
import { it } from 'node:test';
import { pickle } from '../../src/wire/pickle.ts';
import { randomSource, randomValue } from './random.ts';

it('2,000 random nested values arrive equal to what structuredClone makes of them', () => {
	for (let seed = 1; seed <= 2000; seed++) {
		const value = randomValue(randomSource(seed), 4);
		assert.deepEqual(pickle.loads(pickle.dumps(value)), structuredClone(value), `seed ${seed}`);
	}
});
