/** What happens to the children of a process, for whoever wants to watch: on `node:diagnostics_channel`, and in the log. */
import { channel } from 'node:diagnostics_channel';
import { log } from './log.ts';

/** `polyproc:process:start`, `polyproc:process:exit`. */
export type LifecycleEvent = 'start' | 'exit';

export interface LifecycleMessage {
	readonly name: string;
	readonly pid: number;
	/** Of `exit` only. */
	readonly exitCode?: number;
}

export function announce(event: LifecycleEvent, message: LifecycleMessage): void {
	const what = event === 'start' ? 'started' : `ended with exitcode ${message.exitCode}`;
	log('debug', `${message.name} (pid ${message.pid}) ${what}`);
	channel(`polyproc:process:${event}`).publish(message);
}
