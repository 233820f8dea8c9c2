/**
 * Node's permission model says nothing of signals: a process could stop or kill the one that started it, or wake that
 * one's debugger with SIGUSR1. And nothing of priorities. So the doors to both are shut but for the process itself, before
 * code of the program runs.
 */
import { syncBuiltinESMExports } from 'node:module';
import { ProcessError } from '../../base/errors.ts';

/** Shuts them, unless there are others: a process that may start processes can start `kill`. */
export function keepToOneself(): void {
	const { permission } = process;
	if (permission === undefined || permission.has('child') || permission.has('addon')) return;
	const raw = process as unknown as Doors;
	const os = process.getBuiltinModule('node:os');
	guard(raw, '_kill', 'signal');
	guard(raw, '_debugProcess', 'debug');
	guard(os as unknown as Doors, 'setPriority', 'set the priority of');
	syncBuiltinESMExports();
}

type Door = (pid: unknown, ...more: unknown[]) => unknown;
type Doors = Record<string, Door>;

function guard(holder: Doors, name: string, act: string): void {
	const original = holder[name]!;
	const own = process.pid;
	const guarded: Door = (pid, ...more) => {
		if (pid === own || (name === 'setPriority' && (pid === 0 || more.length === 0))) return original(pid, ...more);
		throw new ProcessError(
			`this process was started with permissions, and may not ${act} process ${String(pid)}; it needs childProcess: true for that.`,
			{ code: 'ERR_MP_CONFINED' },
		);
	};
	Object.defineProperty(holder, name, { value: guarded, enumerable: true });
}
