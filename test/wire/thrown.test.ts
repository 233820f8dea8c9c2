import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { PicklingError, RemoteError, RemoteTraceback, WorkerDiedError } from '../../src/base/errors.ts';
import { decodeThrown, decodeThrownAsync, encodeThrown } from '../../src/wire/remote-error.ts';

export class HttpError extends Error {
	readonly status: number;
	constructor(message: string, status: number) {
		super(message);
		this.status = status;
	}
}

const cross = (thrown: unknown): unknown => decodeThrown(encodeThrown(thrown));

describe('an error thrown in another process', () => {
	it('keeps class, message and fields, and has the remote traceback as its cause', () => {
		const error = cross(new HttpError('not found', 404)) as HttpError;
		assert.ok(error instanceof HttpError);
		assert.deepEqual([error.message, error.status], ['not found', 404]);
		assert.ok(error.cause instanceof RemoteTraceback);
		assert.match(error.cause.message, /thrown\.test\.js/);
	});

	it('keeps its own chain of causes in the traceback', () => {
		const error = cross(new Error('outer', { cause: new TypeError('inner') })) as Error;
		assert.match((error.cause as Error).message, /outer[\s\S]*\[cause\]: TypeError: inner/);
	});

	it('of polyproc’s own comes back as itself with its fields', () => {
		const died = cross(new WorkerDiedError('it died', { pid: 5, exitCode: -9, signal: 'SIGKILL' })) as WorkerDiedError;
		assert.ok(died instanceof WorkerDiedError);
		assert.deepEqual([died.pid, died.exitCode, died.signal, died.code], [5, -9, 'SIGKILL', 'ERR_MP_WORKER_DIED']);
		assert.equal((cross(new PicklingError('no', 'args[1]')) as PicklingError).path, 'args[1]');
	});

	it('that cannot be pickled arrives as a RemoteError with its text', () => {
		const error = cross(Object.assign(new TypeError('held'), { socket: Promise.resolve() })) as Error;
		assert.ok(error instanceof RemoteError);
		assert.match(error.message, /TypeError: held[\s\S]*thrown\.test\.js/);
	});

	it('whose class throws while it is looked at still arrives', () => {
		const hostile = Object.defineProperty(new Error('x'), 'message', {
			get() {
				throw new Error('no message for you');
			},
		});
		assert.ok(cross(hostile) instanceof Error);
		assert.ok(
			cross(
				new Proxy(
					{},
					{
						getPrototypeOf() {
							throw new Error('no');
						},
					},
				),
			) instanceof Error,
		);
	});

	it('that is no Error arrives as the value itself', async () => {
		assert.equal(cross('just text'), 'just text');
		assert.equal(cross(undefined), undefined);
		assert.deepEqual(await decodeThrownAsync(encodeThrown({ code: 1 })), { code: 1 });
	});

	it('in damaged bytes is an error as well, and nothing is thrown', async () => {
		assert.ok(decodeThrown(new Uint8Array([1, 2, 3])) instanceof Error);
		assert.ok((await decodeThrownAsync(new Uint8Array())) instanceof Error);
	});
});
