/** A process in one line, as Python writes it: `<Process name='Process-1' pid=12 parent=11 stopped exitcode=-SIGTERM>`. */
import { inspect } from 'node:util';

export interface ProcessDescription {
	readonly className: string;
	readonly name: string;
	readonly pid: number | null;
	/** `null` when not known. */
	readonly parent: number | null;
	readonly state: 'initial' | 'started' | 'stopped' | 'closed' | 'unknown';
	readonly exitCode: number | null;
	readonly daemon: boolean;
}

function signalName(number: number): string {
	const { signals } = process.getBuiltinModule('node:os').constants;
	const entry = Object.entries(signals).find(([, value]) => value === number);
	return entry === undefined ? String(number) : entry[0];
}

export function describeProcess(process: ProcessDescription): string {
	const parts = [process.className, `name='${process.name}'`];
	if (process.pid !== null) parts.push(`pid=${process.pid}`);
	if (process.parent !== null) parts.push(`parent=${process.parent}`);
	parts.push(process.state);
	if (process.exitCode !== null) {
		parts.push(`exitcode=${process.exitCode < 0 ? `-${signalName(-process.exitCode)}` : process.exitCode}`);
	}
	if (process.daemon) parts.push('daemon');
	return `<${parts.join(' ')}>`;
}

/** Makes `console.log` show objects as their `toString()`. */
export function showAsText(prototype: object): void {
	Object.defineProperty(prototype, inspect.custom, {
		configurable: true,
		writable: true,
		value(this: object): string {
			return String(this);
		},
	});
}
