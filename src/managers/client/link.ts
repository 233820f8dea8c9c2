/**
 * This thread's way to one server: a connection for calls that are awaited, another for those that block, each made when
 * it is first needed. Whoever shares memory with the server puts a pipe's end into its door; others come to its listener,
 * with its key.
 */
import { afterFork, forkGeneration } from '../../base/after-fork.ts';
import { Deadline } from '../../base/deadline.ts';
import { AuthenticationError, BrokenPipeError, EOFError, ProcessError } from '../../base/errors.ts';
import { type Address, addressText } from '../../channel/address.ts';
import { connect, connectSync } from '../../channel/connecting.ts';
import type { Connection } from '../../channel/connection.ts';
import { Pipe } from '../../channel/pipe.ts';
import { self } from '../../process/self.ts';
import { type Destination, OUTSIDE } from '../../wire/handoff.ts';
import { Trust } from '../../wire/trust.ts';
import { REQUEST } from '../messages.ts';
import type { Content } from '../outbox.ts';
import type { ServerPlace } from '../token.ts';
import { BlockingCalls } from './blocking-calls.ts';
import { Calls, type Request } from './calls.ts';

/** What a connection is for. */
export type ConnectionKind = 'awaiting' | 'blocking';

class Client {
	#key: string | undefined;

	/** This thread, as servers know it. */
	get key(): string {
		this.#key ??= process.getBuiltinModule('node:crypto').randomBytes(12).toString('hex');
		return this.#key;
	}

	get isKnown(): boolean {
		return this.#key !== undefined || links.size > 0;
	}

	renew(): void {
		this.#key = undefined;
		links.clear();
	}
}

const client = new Client();
/** By the names of their servers. Whoever uses one holds it: when nobody does any more, its connections are closed. */
const links = new Map<string, WeakRef<Link>>();
/** Of the servers that this process was told the keys of. */
const keys = new Map<string, Uint8Array>();

afterFork(
	() => client.renew(),
	() => client.isKnown,
);

/** Remembers the key of whoever serves at an address. */
export function learnKey(address: Address, key: Uint8Array): void {
	keys.set(addressText(address), key);
}

/** The key for an address, if it is known and whoever is told is of the family. */
export function keyFor(address: Address, destination: Destination): Uint8Array | undefined {
	if (destination === OUTSIDE || destination === null) return undefined;
	const key = keys.get(addressText(address));
	return key && Buffer.from(key);
}

function remember(server: string, link: Link): void {
	for (const [name, known] of links) if (known.deref() === undefined) links.delete(name);
	links.set(server, new WeakRef(link));
}

/** The way to a server that has been used already. */
export function knownLink({ server }: ServerPlace): Link | undefined {
	const known = links.get(server)?.deref();
	return known?.isUsable === true ? known : undefined;
}

/** The way to a server. */
function linkTo(place: ServerPlace): Link {
	const known = knownLink(place);
	if (known !== undefined) return known;
	const link = new Link(place);
	remember(place.server, link);
	return link;
}

/** Holds the way to a server, which is another one after a failure, and in a forked child. */
export class LinkHolder {
	readonly #place: ServerPlace;
	#link: Link | undefined;

	constructor(place: ServerPlace) {
		this.#place = place;
	}

	get link(): Link {
		if (this.#link?.isUsable !== true) this.#link = linkTo(this.#place);
		return this.#link;
	}
}

/** Connects to whoever serves at an address. */
export async function connectTo(
	address: Address,
	key: Uint8Array | undefined,
): Promise<{ readonly place: ServerPlace; readonly link: Link }> {
	if (key !== undefined) learnKey(address, key);
	const link = new Link({ server: '', address, door: null });
	const server = String(await link.call({ kind: REQUEST.who, object: 0 }));
	const place = { server, address, door: null };
	link.arrived(place);
	remember(server, link);
	return { place, link };
}

export class Link {
	#place: ServerPlace;
	#calls: Calls | undefined;
	#blocking: BlockingCalls | undefined;
	#isLost = false;
	/** Of the process whose link it is. */
	readonly #generation: number = forkGeneration();

	constructor(place: ServerPlace) {
		this.#place = place;
	}

	get isUsable(): boolean {
		return !this.#isLost && this.#generation === forkGeneration();
	}

	get isOutside(): boolean {
		return this.#place.door === null;
	}

	call(request: Request): Promise<unknown> {
		return this.#open().call(request);
	}

	/** A frame without an answer. */
	post(kind: number, object: number, content?: Content): void {
		this.#open().post(kind, object, content);
	}

	callSync(request: Request): unknown {
		try {
			this.#calls?.flushSync();
			this.#blocking ??= this.#openBlocking();
			return this.#blocking.call(request, this.#calls?.sent ?? 0);
		} catch (error) {
			throw isLoss(error) ? this.#lost(error) : error;
		}
	}

	/** It is known now which server it leads to. */
	arrived(place: ServerPlace): void {
		this.#place = place;
	}

	/** Whoever still waits is told that the manager has ended. */
	close(): void {
		this.#calls?.fail(new EOFError('the connection was closed'));
		this.#isLost = true;
	}

	#open(): Calls {
		if (this.#calls !== undefined) return this.#calls;
		const calls = new Calls(this.isOutside, (error) => this.#lost(error));
		this.#calls = calls;
		if (this.#place.door !== null) {
			const [ours, theirs] = Pipe();
			calls.open(ours);
			const announced = this.#place.door.send([client.key, 'awaiting', theirs]);
			announced.then(
				() => theirs.close(),
				(error: unknown) => calls.fail(error),
			);
		} else {
			this.#connect().then(
				(connection) => calls.open(connection, this.#hello('awaiting')),
				(error: unknown) => calls.fail(error),
			);
		}
		return calls;
	}

	#connect(): Promise<Connection> {
		return connect({
			address: this.#place.address,
			authkey: this.#key(),
			trust: Trust.OUTSIDE,
			deadline: new Deadline(Number.POSITIVE_INFINITY),
		});
	}

	#openBlocking(): BlockingCalls {
		const { door, address } = this.#place;
		if (door === null) return new BlockingCalls(connectSync(address, this.#key()), true, this.#hello('blocking'));
		const [ours, theirs] = Pipe();
		door.sendSync([client.key, 'blocking', theirs]);
		theirs.close();
		return new BlockingCalls(ours, false);
	}

	#hello(kind: ConnectionKind): Content {
		return { value: [client.key, kind, this.#place.server], root: 'hello' };
	}

	#key(): Uint8Array {
		return keys.get(addressText(this.#place.address)) ?? self.authkey;
	}

	#lost(error: unknown): unknown {
		this.#isLost = true;
		this.#blocking?.close();
		const place = addressText(this.#place.address);
		if (error instanceof AuthenticationError || this.#place.server === '') return error;
		return new BrokenPipeError(
			`the manager at ${place} has ended, or was shut down; what it had is gone. Start one, or connect to one, anew.`,
			{ cause: error },
		);
	}
}

/** Whether an error says that there is no server any more. */
function isLoss(error: unknown): boolean {
	if (error instanceof EOFError || error instanceof BrokenPipeError) return true;
	return error instanceof ProcessError && error.code === 'ERR_MP_CONNECT';
}
