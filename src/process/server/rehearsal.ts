/** A child's life for practice, in the fork server itself: everything a child does, with a target that does nothing. */
import { inheritedFamily, inheritFamily, withholdFarewell } from '../../memory/inheritance.ts';
import { ForkedEnd } from '../child/forked-end.ts';
import { preloaded } from '../child/preloaded.ts';
import { run } from '../child/run.ts';
import { exitSequence } from '../exit.ts';
import { LENGTH_BYTES, type Preparation, splitPayload } from '../payload.ts';
import { self } from '../self.ts';
import { presentSurroundings } from '../surroundings.ts';

const MODULE = 'polyproc:rehearsal';
/** What a life adds listeners for. Those of the modules that were preloaded are gone by now. */
const EVENTS = ['beforeExit', 'exit', 'uncaughtExceptionMonitor'];

const nothing = (): void => {};
/** The engine forgets the shapes of objects that are gone. */
const kept: Preparation[] = [];

/** In the order in which a parent writes it: the objects in a child are then of shapes that are known. */
function samplePayload(): Buffer {
	const identity = { pid: process.pid, tid: process.pid, startTime: 1 };
	const preparation: Preparation = {
		name: 'Process-1',
		lineage: [1],
		daemon: false,
		authkey: '00'.repeat(32),
		startMethod: 'forkserver',
		logging: { level: 'error', toStderr: false },
		parent: { name: 'MainProcess', identity },
		argv: process.argv.slice(1),
		hasMain: true,
		participant: 1,
		descriptors: 1,
		confined: false,
		restraint: { noNewPrivileges: false, adoptsOrphans: false },
		surroundings: presentSurroundings(),
		call: { module: MODULE, path: ['nothing'], args: [] },
	};
	const text = Buffer.from(JSON.stringify(preparation));
	const length = Buffer.alloc(LENGTH_BYTES);
	length.writeUInt32LE(text.byteLength);
	return Buffer.concat([length, text]);
}

/** Until the child would end; what it has changed is as before. */
export async function rehearse(): Promise<void> {
	const { argv, execArgv } = process;
	const { reallyExit } = process as unknown as { reallyExit: unknown };
	const { name, lineage, daemon, authkey, startMethod, logging, parent } = self;
	const inheritance = inheritedFamily();
	const restoreFarewell = withholdFarewell();
	preloaded.set(MODULE, { nothing });
	try {
		await new Promise<void>((resolve) => {
			Reflect.set(process, 'reallyExit', resolve);
			const payload = splitPayload(samplePayload());
			if (kept.length === 0) kept.push(payload.preparation);
			void run({ ...payload, segment: -1, end: new ForkedEnd(resolve), lifeline: () => -1 });
		});
	} finally {
		Reflect.set(process, 'reallyExit', reallyExit);
		Object.assign(process, { argv, execArgv, exitCode: undefined, _exiting: false });
		for (const event of EVENTS) process.removeAllListeners(event);
		exitSequence.uninstall();
		exitSequence.restart();
		preloaded.delete(MODULE);
		restoreFarewell();
		inheritFamily(inheritance);
		self.become({ name, lineage, daemon, authkey, startMethod: startMethod!, logging, parent: parent! });
	}
}
