/**
 * Where the family's fork server is, for all to read. Whoever finds none, or finds that it is gone, claims the right to
 * start one; a claimant that dies is replaced. The generation is odd while the address is being written.
 */
import type { ForkServerAddress } from '../os/fork-contract.ts';
import type { Family } from './family.ts';
import { HEAD, SERVER_ADDRESS_WORDS } from './layout.ts';

/** `[length of the name] name key`, zero-padded. */
const ADDRESS_BYTES: number = SERVER_ADDRESS_WORDS * 4;
const KEY_BYTES = 32;

export class ForkServerNotice {
	readonly #family: Family;

	constructor(family: Family) {
		this.#family = family;
	}

	get generation(): number {
		return this.#family.arena.load(HEAD.serverGeneration);
	}

	/** The server there is, or was. */
	read(): { readonly address: ForkServerAddress; readonly generation: number } | undefined {
		const { generation } = this;
		const bytes = Buffer.from(this.#bytes());
		if (generation === 0 || generation % 2 === 1 || generation !== this.generation) return undefined;
		const end = 1 + bytes[0]!;
		return {
			generation,
			address: { name: bytes.toString('latin1', 1, end), key: bytes.subarray(end, end + KEY_BYTES) },
		};
	}

	/** False: somebody else is starting one. */
	claim(): boolean {
		const { arena, me } = this.#family;
		const holder = arena.compareExchange(HEAD.serverClaim, 0, me);
		if (holder === 0) return true;
		if (holder === me || this.#family.isAlive(holder)) return false;
		return arena.compareExchange(HEAD.serverClaim, holder, me) === holder;
	}

	/** Only with the claim. */
	publish({ name, key }: ForkServerAddress): void {
		const { arena } = this.#family;
		arena.store(HEAD.serverGeneration, this.generation | 1);
		this.#bytes()
			.fill(0)
			.set(Buffer.from([name.length, ...Buffer.from(name, 'latin1'), ...key]));
		arena.add(HEAD.serverGeneration, 1);
	}

	unclaim(): void {
		this.#family.arena.compareExchange(HEAD.serverClaim, this.#family.me, 0);
	}

	#bytes(): Uint8Array {
		return this.#family.arena.bytes(HEAD.serverAddress * 4, ADDRESS_BYTES);
	}
}
