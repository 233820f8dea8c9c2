/**
 * A Node that refuses the network (from 26.12 on) lets its event loop read from no socket that it was given, but for its
 * standard streams. So there the socket to the broker comes as descriptor 0, and what the process is to read from its
 * standard input comes behind the other streams: Node reads that as it reads a file.
 */
import { ProcessError } from '../../base/errors.ts';
import type { ChildStdio } from '../../os/contract.ts';

/** In the parent: the streams of a process that may not use the network. @throws ProcessError if it is to read from a pipe */
export function withSocketAtInput(
	socket: number,
	[input, ...others]: readonly ChildStdio[],
	name: string,
): ChildStdio[] {
	if (input === 'pipe' || input === 'overlapped') {
		throw new ProcessError(
			`cannot start ${name} with stdio[0] 'pipe': a process without the network, which Node ${process.versions.node} enforces, reads from no pipe. Pass a Queue in args, or allow net.`,
			{ code: 'ERR_MP_NOT_ENFORCEABLE' },
		);
	}
	return [socket, ...others, input];
}

/** In the process: `moved` is its standard input. */
export function useMovedInput(moved: number): void {
	let stream: unknown;
	Object.defineProperty(process, 'stdin', {
		configurable: true,
		enumerable: true,
		get: () => {
			stream ??= process.getBuiltinModule('node:fs').createReadStream('', { fd: moved, autoClose: false });
			return stream;
		},
	});
}

/** In the process: whether this is so. */
export function isSocketAtInput(): boolean {
	const mayRefuse = process.allowedNodeEnvironmentFlags.has('--allow-net');
	return mayRefuse && process.permission?.has('net' as never) === false;
}
