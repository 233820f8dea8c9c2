/** Whatever is in a queue's memory: taking it gives a value or an error of ours, and spoils nothing else. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ClosedError, Empty, UnpicklingError } from '../../src/base/errors.ts';
import { Queue } from '../../src/channel/queue.ts';
import { SEGMENT } from '../../src/channel/queue-layout.ts';
import { family } from '../../src/memory/family.ts';
import { BLOCK_KIND, FIRST_SPAN, HEAD, SPAN_BYTES } from '../../src/memory/layout.ts';
import { type Random, randomSource, randomValue } from '../wire/random.ts';

/** The bytes of the items in the segment whose first one has `mark` in it. */
function itemBytes(mark: string): Buffer {
	const { heap, arena } = family();
	for (let span = FIRST_SPAN; span < arena.load(HEAD.spansUsed); span++) {
		if (heap.blockAt(span * SPAN_BYTES)?.kind !== BLOCK_KIND.segment) continue;
		const bytes = arena.bytes(span * SPAN_BYTES + SEGMENT.items * 4, SPAN_BYTES - SEGMENT.items * 4);
		const found = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
		if (found.subarray(0, 100).includes(mark)) return found;
	}
	return assert.fail('there is no such segment');
}

/** Takes all there is; what is damaged stays where it is. */
function takeAll(queue: Queue): void {
	for (;;) {
		try {
			queue.getNowait();
		} catch (error) {
			if (error instanceof Empty || error instanceof ClosedError) return;
			assert.ok(error instanceof UnpicklingError, String(error));
			if (error.message.includes('is no item')) return;
		}
	}
}

function play(random: Random, damage: (bytes: Uint8Array) => void): void {
	const queue = new Queue();
	const mark = `queue ${random(2 ** 31)}`;
	queue.putNowait(mark);
	for (let i = random(6); i >= 0; i--) queue.putNowait(randomValue(random, 3));
	queue.putNowait(Buffer.alloc(20_000));
	damage(itemBytes(mark).subarray(0, 400));
	takeAll(queue);
}

test('600 queues with changed bytes give values or UnpicklingErrors', () => {
	const random = randomSource(11);
	for (let i = 0; i < 600; i++) {
		play(random, (bytes) => {
			for (let left = 1 + random(4); left > 0; left--) bytes[random(bytes.length)] = random(256);
		});
	}
});

test('so do 300 queues full of random bytes', () => {
	const random = randomSource(12);
	for (let i = 0; i < 300; i++) {
		play(random, (bytes) => {
			for (let at = 0; at < bytes.length; at++) bytes[at] = random(4) === 0 ? 255 : random(256);
		});
	}
});

test('another queue is none the worse for it', async () => {
	const queue = new Queue();
	await queue.put({ still: 'here' });
	assert.deepEqual(await queue.get(), { still: 'here' });
});
