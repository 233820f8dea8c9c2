/**
 * The fork server: imports what its children will need, then forks them, one a request. What is imported here takes
 * itself for a module of a child: it is not the main module, and may not start processes.
 */
import { makeRandomRenewable } from '../../base/randomness.ts';
import { joinedFamily } from '../../memory/family.ts';
import { inheritFamily, leaveFamily } from '../../memory/inheritance.ts';
import type { Birth } from '../../os/fork-contract.ts';
import { readPayload } from '../../os/inheritance.ts';
import { platform } from '../../os/platform.ts';
import { ForkedEnd } from '../child/forked-end.ts';
import { run } from '../child/run.ts';
import type { ServerOrder } from '../fork-server.ts';
import { loadParts } from '../load-parts.ts';
import { splitPayload } from '../payload.ts';
import { self } from '../self.ts';
import { adoptSurroundings } from '../surroundings.ts';
import { preload } from './preload.ts';
import { rehearse } from './rehearsal.ts';

/** While modules are loaded `argv[1]` is our own file, as in a child. */
function setArguments({ argv, main }: ServerOrder): void {
	const [executable, entry] = process.argv as [string, string];
	process.argv = main === null ? [executable, ...argv] : [executable, entry, ...argv.slice(1)];
}

function become({ client, clientName, logging }: ServerOrder): void {
	self.become({
		name: 'ForkServer',
		lineage: [],
		daemon: false,
		authkey: new Uint8Array(),
		startMethod: 'forkserver',
		logging,
		parent: { name: clientName, identity: { pid: client, tid: client, startTime: 0 }, lifeline: -1 },
	});
}

let isFirst = true;

/** Before a child is made: what it is told. Most children are told to be where the first one was, so the server is. */
function expect(payload: number): (birth: Birth) => void {
	const told = splitPayload(readPayload(payload));
	const { surroundings, participant } = told.preparation;
	if (isFirst && surroundings !== null) attempt(() => adoptSurroundings(surroundings));
	isFirst = false;
	joinedFamily()?.bequeath(participant);
	return ({ descriptors, lifeline }) => {
		void run({ ...told, segment: descriptors[0]!, end: new ForkedEnd(), lifeline: () => lifeline });
	};
}

/** What fails here fails again in the child, which can say so. */
function attempt(adopt: () => void): void {
	try {
		adopt();
	} catch {}
}

export async function serve(): Promise<void> {
	makeRandomRenewable(); // before a module can keep the function there is
	const base = Number(process.argv[2]);
	const order = JSON.parse(readPayload(base).toString()) as ServerOrder;
	const [listener, segment, lifeline] = [base + 1, base + 2, base + 3];
	become(order);
	inheritFamily({ fd: segment, participant: self.name });
	await loadParts(order.own);
	const entry = process.argv[1]!;
	setArguments(order);
	const failure = await preload(order);
	process.argv = [process.execPath, entry];
	// A loader's thread would not exist in a child, which would wait for it for ever.
	const unfit = platform.hasThreads()
		? ({ kind: 'unfit', why: 'this program has a loader, or preloads a module, with a thread of its own' } as const)
		: failure === undefined
			? undefined
			: ({ kind: 'refused', why: failure } as const);
	const running = setImmediate(() => {
		platform.closeDescriptor(lifeline); // from here on it watches all it works for
		platform.serveForks({ listener, key: Buffer.from(order.key, 'hex'), client: order.client, unfit }, running, {
			expect,
			rehearse,
			leave: leaveFamily,
		});
	});
}
