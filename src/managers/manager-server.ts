/** A manager's server in the program's own process. */
import type { Address } from '../channel/address.ts';
import type { Serving } from './serving.ts';

export class ManagerServer implements AsyncDisposable {
	readonly #serving: Serving;
	readonly #name: string;
	#opening: Promise<void> | undefined;

	/** @internal What `getServer()` returns. */
	constructor({ serving, name }: { readonly serving: Serving; readonly name: string }) {
		this.#serving = serving;
		this.#name = name;
		this.#open().catch(() => {}); // serveForever tells
	}

	/** Where it listens; with port 0 only known once it is `ready`. */
	get address(): Address | null {
		return this.#serving.address;
	}

	/** Resolves when clients can connect. Rejects with ProcessError ERR_MP_LISTEN if it cannot listen there. */
	get ready(): Promise<void> {
		return this.#open();
	}

	/** Serves until somebody stops it: a client, or `stop()`. */
	async serveForever(): Promise<void> {
		await this.#open();
		await this.#serving.over;
	}

	/** Ends it, and what is in it. */
	stop(): void {
		this.#serving.stop();
	}

	async [Symbol.asyncDispose](): Promise<void> {
		this.stop();
		await this.#serving.over;
	}

	#open(): Promise<void> {
		this.#opening ??= this.#serving.open(this.#name).then(() => {});
		return this.#opening;
	}
}
