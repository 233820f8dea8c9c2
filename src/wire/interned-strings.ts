/**
 * Short strings that were decoded lately. Keys and small words repeat from message to message; finding one here by its
 * bytes costs less than making a new string. A direct-mapped table, so its size is bounded and a miss only overwrites.
 */
const SLOTS = 2048;

export class InternedStrings {
	readonly #table: string[] = new Array(SLOTS).fill('');

	/** The ASCII string at `bytes[at …]`. The caller has checked that it lies within the message. */
	read(bytes: Uint8Array, at: number, length: number): string {
		if (length === 0) return '';
		let hash = length;
		for (let i = 0; i < length; i++) hash = (Math.imul(hash, 31) + bytes[at + i]!) | 0;
		const slot = (hash ^ (hash >>> 15)) & (SLOTS - 1);
		const known = this.#table[slot]!;
		if (known.length === length) {
			let i = 0;
			while (i < length && known.charCodeAt(i) === bytes[at + i]) i++;
			if (i === length) return known;
		}
		return this.#make(bytes, at, length, slot);
	}

	#make(bytes: Uint8Array, at: number, length: number, slot: number): string {
		let text = '';
		for (let i = 0; i < length; i++) text += String.fromCharCode(bytes[at + i]! & 0x7f);
		this.#table[slot] = text;
		return text;
	}
}
