/** What happens to processes, published on `node:diagnostics_channel` for whoever wants to watch. */
import { channel } from 'node:diagnostics_channel';

/** `polyproc:process:start`, `polyproc:process:exit`. */
export type LifecycleEvent = 'start' | 'exit';

export interface LifecycleMessage {
	readonly name: string;
	readonly pid: number;
	/** Of `exit` only. */
	readonly exitCode?: number;
}

export function announce(event: LifecycleEvent, message: LifecycleMessage): void {
	channel(`polyproc:process:${event}`).publish(message);
}
