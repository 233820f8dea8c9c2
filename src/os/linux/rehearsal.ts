/**
 * What every forked child does first, of Node's own: done once by its parent, so that no child has to compile it. It would
 * take a child longer than everything else.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { EventEmitter } from 'node:events';
import { statSync } from 'node:fs';
import { realTimers } from '../../base/timers.ts';

const { clearImmediate, clearTimeout, setImmediate, setInterval, setTimeout } = realTimers;
const nothing = (): void => {};
const EVENT = 'polyproc rehearsal';
let done = false;

export function rehearse(): void {
	if (done) return;
	done = true;
	clearImmediate(setImmediate(nothing));
	clearTimeout(setTimeout(nothing, 1).unref());
	clearTimeout(setInterval(nothing, 1));
	setImmediate(nothing).unref();
	setTimeout(nothing, 0);
	process.getActiveResourcesInfo();
	process.chdir(process.cwd());
	Number(process.exitCode ?? 0);
	JSON.parse(Buffer.from('1').subarray(0).toString('utf8', 0, 1));
	queueMicrotask(nothing);
	process.nextTick(nothing);
	const stat = statSync('/');
	stat.isFIFO();
	stat.isSocket();
	stat.isCharacterDevice();
	const storage = new AsyncLocalStorage();
	storage.run(true, () => clearImmediate(setImmediate(nothing)));
	storage.disable(); // or every callback of a child would go through it
	Buffer.alloc(4).writeInt32LE(0);
	for (const emitter of [new EventEmitter(), process as EventEmitter]) {
		for (const add of ['on', 'once', 'prependListener'] as const) emitter[add](EVENT, nothing);
		emitter.eventNames();
		emitter.listenerCount(EVENT);
		emitter.off(EVENT, nothing);
		emitter.emit(EVENT);
		emitter.removeAllListeners(EVENT);
	}
}
