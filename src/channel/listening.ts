/** What a listener consists of once it listens: a socket, those who come to it, and perhaps a file. */
import { ClosedError, ProcessError } from '../base/errors.ts';
import type { SocketAddress } from '../os/contract.ts';
import { platform } from '../os/platform.ts';
import type { Trust } from '../wire/trust.ts';
import { type Address, type AddressFamily, addressFrom, addressText, resolveAddress } from './address.ts';
import { Arrivals } from './arrivals.ts';
import { SocketFile } from './socket-file.ts';
import { reasonOf } from './system-reason.ts';

export interface ListeningOptions {
	/** `undefined`: any free one of the family. */
	readonly address: Address | undefined;
	readonly family: AddressFamily;
	readonly backlog: number;
	readonly authkey: Uint8Array | undefined;
	/** How far whoever connects is trusted. */
	readonly trust: Trust;
}

const ABSTRACT = '\0';

export class Listening {
	readonly address: Address;
	readonly arrivals: Arrivals;
	readonly #file: SocketFile | undefined;
	#closed = false;

	private constructor(address: Address, arrivals: Arrivals, file: SocketFile | undefined) {
		this.address = address;
		this.arrivals = arrivals;
		this.#file = file;
	}

	static readonly #collected: FinalizationRegistry<Listening> = new FinalizationRegistry((listening) =>
		listening.close(),
	);

	/** @throws ProcessError ERR_MP_LISTEN */
	static async begin(options: ListeningOptions): Promise<Listening> {
		const { family, authkey, backlog, trust } = options;
		const own = options.address === undefined && family === 'AF_UNIX' ? SocketFile.inPrivateFolder() : undefined;
		const wanted = options.address ?? own?.path ?? ['localhost', 0];
		try {
			const { fd, address } = platform.listenAt(await resolveAddress(wanted), backlog);
			return new Listening(
				addressFrom(address),
				new Arrivals(fd, { key: authkey, trust, isPrivate: own !== undefined }),
				own ?? fileOf(address),
			);
		} catch (cause) {
			own?.remove();
			throw new ProcessError(`Listener: cannot listen at ${addressText(wanted)}: ${reasonOf(cause)}.`, {
				code: 'ERR_MP_LISTEN',
				cause,
			});
		}
	}

	closeWhenCollected(listener: object): void {
		Listening.#collected.register(listener, this, this);
	}

	close(): void {
		if (this.#closed) return;
		this.#closed = true;
		Listening.#collected.unregister(this);
		this.arrivals.close(new ClosedError('Listener.accept: the listener was closed while this call was waiting.'));
		this.#file?.remove();
	}
}

function fileOf(address: SocketAddress): SocketFile | undefined {
	return 'path' in address && !address.path.startsWith(ABSTRACT) ? SocketFile.at(address.path) : undefined;
}
