/** What there is to say of a fork server and its children. Part of the contract (contract.ts). */
/** How a fork server is reached, and the key that shows one may. */
export interface ForkServerAddress {
	readonly name: string;
	readonly key: Uint8Array;
}

/** Why a fork server cannot do what it is for. */
export interface Unfit {
	readonly kind: 'refused' | 'unfit';
	readonly why: string;
}

/** A child that a server has forked, before it has become somebody: descriptors of what it was given. */
export interface Birth {
	readonly descriptors: readonly number[];
	readonly lifeline: number;
}

export interface ServeOptions {
	readonly listener: number;
	readonly key: Uint8Array;
	readonly client: number;
	/** It only tells everybody why it cannot. */
	readonly unfit?: Unfit | undefined;
}

/** What a fork server's platform does not know of. */
export interface Service {
	/** Called before a child is made: reads the payload, closes it, and returns what is to be called in the child. */
	expect(payload: number): (birth: Birth) => void;
	/** Does what a child does, in the server. Called to have it ready in every child. */
	rehearse(): Promise<void>;
	/** The last thing the server does. */
	leave(): void;
}
