/** What a queue says to those who use it wrongly, how it looks, and what becomes of classes made of it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { JoinableQueue, Process, pickle, Queue, reduce, SimpleQueue } from 'polyproc';
import { checkLeaks } from '../house/leaks.ts';
import * as targets from './queue-targets.ts';

const type = { name: 'TypeError', code: 'ERR_MP_ARGUMENT_TYPE' };
const range = { name: 'RangeError', code: 'ERR_MP_ARGUMENT_RANGE' };

checkLeaks(async () => {
	const [queue, answers] = [new Queue<unknown>(), new Queue<unknown>()];
	const child = new targets.Reader(queue, answers);
	await child.start();
	await queue.put(1);
	await answers.get();
	await child.join();
});

test('limits that cannot be are errors of the constructor', () => {
	for (const Class of [Queue, JoinableQueue]) {
		const { name } = Class;
		const cases: [unknown[], object, string][] = [
			[['3'], type, 'maxsize must be a number of items, not string'],
			[[null], type, 'maxsize must be a number of items, not object'],
			[[1.5], range, 'maxsize must be a whole number of items up to 2147483647, not 1.5'],
			[[Number.NaN], range, 'maxsize must be a whole number of items up to 2147483647, not NaN'],
			[[2 ** 31], range, 'maxsize must be a whole number of items up to 2147483647, not 2147483648'],
			[[1, 5], type, 'options must be an object {maxBytes}'],
			[[1, null], type, 'options must be an object {maxBytes}'],
			[[1, { maxbytes: 1 }], type, 'unknown option "maxbytes"; there is only maxBytes'],
			[[1, { maxBytes: '1' }], type, 'maxBytes must be a number of bytes, not string'],
			[[1, { maxBytes: 0 }], range, 'maxBytes must be a whole number from 1 to 2147483647, not 0'],
			[[1, { maxBytes: 2 ** 31 }], range, 'maxBytes must be a whole number from 1 to 2147483647, not 2147483648'],
		];
		for (const [args, kind, message] of cases) {
			assert.throws(() => new Class(...(args as [])), { ...kind, message: `new ${name}: ${message}` });
		}
	}
	assert.throws(() => new SimpleQueue(3 as never), {
		...type,
		message: 'new SimpleQueue: it takes no arguments; a Queue has a maxsize',
	});
});

test('options that cannot be are errors of the call, which names itself', async () => {
	const queue = new Queue();
	const cases: [unknown, object, string][] = [
		[5, type, 'options must be an object {block, timeout, signal}, not 5'],
		[null, type, 'options must be an object {block, timeout, signal}, not null'],
		[{ tiemout: 5 }, type, 'unknown option "tiemout"; there are block, timeout, signal'],
		[{ block: 0 }, type, 'block must be true or false, not 0'],
		[{ timeout: '5' }, type, 'timeout must be a number of milliseconds, not string'],
		[{ timeout: Number.NaN }, range, 'timeout is NaN; pass milliseconds, or nothing to wait for ever'],
		[{ signal: {} }, type, 'signal must be an AbortSignal'],
	];
	for (const [options, kind, message] of cases) {
		await assert.rejects(queue.get(options as never), { ...kind, message: `Queue.get: ${message}` });
		assert.throws(() => queue.getSync(options as never), { ...kind, message: `Queue.getSync: ${message}` });
		await assert.rejects(queue.put(1, options as never), { ...kind, message: `Queue.put: ${message}` });
		assert.throws(() => queue.putSync(1, options as never), { ...kind, message: `Queue.putSync: ${message}` });
	}
	assert.equal(queue.qsize(), 0);
	const joinable = new JoinableQueue();
	await assert.rejects(joinable.join('5' as never), { ...type, message: /^JoinableQueue\.join: / });
	assert.throws(() => joinable.joinSync(Number.NaN), { ...range, message: /^JoinableQueue\.joinSync: timeout is NaN/ });
	assert.throws(() => joinable.taskDone(), {
		...range,
		message: 'JoinableQueue.taskDone: called more often than items were put.',
	});
	await assert.rejects(new SimpleQueue().get({ block: 1 as never }), { ...type, message: /^SimpleQueue\.get: block/ });
});

test('errors name the class, the call and the limit', async () => {
	const queue = new JoinableQueue<unknown>(2);
	await assert.rejects(queue.get({ block: false }), { message: 'JoinableQueue.get: there is nothing in the queue.' });
	queue.putNowait(1);
	queue.putNowait(2);
	assert.throws(() => queue.putNowait(3), {
		message: 'JoinableQueue.putNowait: the queue is full: it has room for 2 items.',
	});
	const small = new Queue<unknown>(0, { maxBytes: 30 });
	small.putNowait('x'.repeat(20));
	assert.throws(() => small.putNowait('x'.repeat(20)), {
		message: 'Queue.putNowait: the queue is full: it has room for 30 bytes.',
	});
});

test('an item that cannot be rebuilt is an error of whoever takes it, and gone; the next one comes', async () => {
	const queue = new Queue<unknown>();
	for (const form of ['get', 'getSync'] as const) {
		queue.putNowait(new Unbuildable());
		queue.putNowait('the next');
		await assert.rejects(async () => queue[form](), { name: 'UnpicklingError', code: 'ERR_MP_UNPICKLING' });
		assert.equal(await queue[form](), 'the next');
	}
});

export function fail(): never {
	throw new Error('not here');
}

class Unbuildable {
	[reduce](): [() => never] {
		return [fail];
	}
}

test('an item whose rebuilding takes the next ones is whole', async () => {
	for (const form of ['get', 'getSync'] as const) {
		source = new Queue();
		source.putNowait({ first: new TakesOthers(), after: ['a', 'b'] });
		source.putNowait({ first: new TakesOthers(), after: ['c', 'd', 'e'] });
		source.putNowait({ second: 'x'.repeat(100) });
		const third = { second: 'x'.repeat(100) };
		assert.deepEqual(await source[form](), { first: { first: third, after: ['c', 'd', 'e'] }, after: ['a', 'b'] });
	}
});

let source: Queue<unknown> = new Queue();

export function takeAnother(): unknown {
	return source.getSync();
}

class TakesOthers {
	[reduce](): [() => unknown] {
		return [takeAnother];
	}
}

test('a queue shows its class, its items, its limit and that it is closed', () => {
	const queue = new Queue(3);
	queue.putNowait(1);
	assert.equal(inspect(queue), '<Queue 1 of 3 items>');
	queue.close();
	assert.equal(inspect(queue), '<Queue 1 of 3 items, closed>');
	assert.equal(inspect(new JoinableQueue()), '<JoinableQueue 0 items>');
	const simple = new SimpleQueue();
	simple.close();
	assert.equal(inspect({ simple }), '{ simple: <SimpleQueue 0 items, closed> }');
});

test('a queue that arrives is the same one, of the same class', async () => {
	for (const queue of [new Queue(2), new JoinableQueue(), new SimpleQueue()]) {
		const copy = pickle.loads(pickle.dumps(queue)) as Queue;
		assert.equal(copy.constructor, queue.constructor);
		copy.putSync('through the other');
		assert.equal(queue.getSync(), 'through the other');
	}
});

test('a class with a queue in it arrives as it is, and so does one that extends Queue', async () => {
	const answers = new Queue<unknown>();
	const inbox = new targets.Inbox('mine');
	const tagged = new targets.TaggedQueue('mine', 3);
	for (const given of [inbox, tagged]) {
		const child = new Process({ target: targets.describe, args: [given, answers] });
		await child.start();
		assert.equal(await child.join(), 0);
	}
	assert.deepEqual(await answers.get(), ['Inbox', false, ['tag', 'queue']]);
	assert.deepEqual(await answers.get(), ['TaggedQueue', true, ['tag']]);
	tagged.putNowait(1);
	assert.deepEqual([tagged.tag, tagged.qsize()], ['mine', 1]);
});

test('queues are fields of a subclass of Process', async () => {
	const [queue, answers] = [new Queue<unknown>(), new Queue<unknown>()];
	const child = new targets.Reader(queue, answers);
	await child.start();
	await queue.put('a letter');
	assert.equal(await answers.get(), 'read a letter');
	assert.equal(await child.join(), 0);
});
