/**
 * A server with its clients: the listener that anybody may come to who knows the key, and the door for those that share
 * memory with it. In a process of its own, or in the program's.
 */

import type { Address } from '../channel/address.ts';
import type { Connection } from '../channel/connection.ts';
import { Listener } from '../channel/listener.ts';
import type { Registration } from './registry.ts';
import { unlinkSegment } from './segments.ts';
import { Clients } from './server/clients.ts';
import { Server } from './server/server.ts';

export interface ServingOptions {
	/** `undefined`: any free one. */
	readonly address: Address | undefined;
	readonly authkey: Uint8Array;
	readonly registrations: readonly Registration[];
}

/** Both ends of a door: where clients are let in, and what they are told of. */
export interface Door {
	readonly inside: Connection;
	readonly outside: Connection;
}

export class Serving {
	readonly #listener: Listener;
	readonly #options: ServingOptions;
	#server: Server | undefined;
	#clients: Clients | undefined;
	#isOver = false;
	#end: () => void = () => {};
	/** Resolves when it has been shut down. */
	readonly over: Promise<void> = new Promise((resolve) => {
		this.#end = resolve;
	});

	constructor(options: ServingOptions) {
		this.#options = options;
		const family = options.address === undefined ? 'AF_UNIX' : undefined;
		this.#listener = new Listener({ address: options.address, family, authkey: options.authkey, backlog: 128 });
	}

	/** Where it listens; before it is ready, where it is to. */
	get address(): Address | null {
		return this.#listener.address;
	}

	/** Lets clients in. `name`: another one for each server. */
	async open(name: string, door?: Door): Promise<Address> {
		await this.#listener.ready;
		const address = this.#listener.address!;
		const place = { server: name, address, door: door?.outside ?? null };
		this.#server = new Server(place, this.#options.registrations);
		this.#clients = new Clients(this.#server, () => this.stop());
		void this.#clients.admitOthers(this.#listener);
		// The door's other end is held by whoever has a proxy; when it is closed for good nobody can come by it any more.
		if (door !== undefined) this.#clients.admitFamily(door.inside).catch(() => {});
		return address;
	}

	/** Ends all connections, in the turn after this one: what has been answered goes out first. */
	stop(): void {
		if (this.#isOver) return;
		this.#isOver = true;
		setImmediate(() => {
			this.#listener.close();
			this.#clients?.close();
			for (const name of this.#server?.segments ?? []) unlinkSegment(name);
			this.#server?.close();
			this.#end();
		});
	}
}

/** The name of a new server. */
export function newServerName(): string {
	return process.getBuiltinModule('node:crypto').randomBytes(12).toString('hex');
}
