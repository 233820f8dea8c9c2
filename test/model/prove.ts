/** Tests that a model is right: their titles are the theorems. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { explore } from './explorer.ts';
import type { Model } from './model.ts';
import { COUNTER } from './mutex-model.ts';

/** Models that take longer than a few seconds run only when asked for: `POLYPROC_LARGE_MODELS=1`. */
const LARGE: boolean = process.env.POLYPROC_LARGE_MODELS === '1';
const SMALL = 1_000_000;
const MOST = 40_000_000;

export function prove(title: string, model: Model): void {
	test(title, (t) => {
		const { states, steps, violation } = explore(model, LARGE ? MOST : SMALL);
		t.diagnostic(`${states} states, ${steps} steps`);
		assert.equal(violation, undefined);
	});
}

export function proveLarge(title: string, model: Model): void {
	if (LARGE) prove(title, model);
	else test(title, { skip: 'a large model: POLYPROC_LARGE_MODELS=1' }, () => {});
}

/** The model is wrong, and the explorer says how. */
export function refute(title: string, model: Model, wrong: RegExp): void {
	test(title, (t) => {
		const { states, violation } = explore(model, SMALL);
		t.diagnostic(`${states} states`);
		assert.match(violation ?? 'nothing found', wrong);
	});
}

/** For `atEnd`: every increment is there. */
export function counted(expected: number): (memory: Int32Array) => string | undefined {
	return (memory) => (memory[COUNTER] === expected ? undefined : `an update is lost: counted ${memory[COUNTER]}`);
}
