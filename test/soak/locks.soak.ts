// Six children hammer a Lock and an RLock, blocking and awaiting; one after another is killed at a random moment and
// replaced. What a death cost is known exactly: every turn is written down in shared memory by one atomic operation,
// so a holder that died before it told of its turn can be told apart from two holders, and from a turn that was lost.
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Connection, isMain, Lock, Pipe, Process, RLock } from '../../src/index.ts';
import { Block } from '../../src/memory/block.ts';
import type { BlockReference } from '../../src/memory/heap.ts';
import { BLOCK } from '../../src/memory/layout.ts';
import { DURATION, Random, SEED } from './random.ts';

const CHILDREN = 6;
const LOCKS = 2;
/** Of a child, in milliseconds from its first turn on. */
const LONGEST_LIFE = 300;
/** Nobody waits longer than this, in milliseconds. */
const PATIENCE = 2000;
const MOST_TURNS = 4_000_000;
const MOST_CHILDREN = 20_000;
/** A kind of block that the library has not. */
const LEDGER = 1000;
/** Who takes turns in the parent. */
const PARENT = 0;

/** A turn that was had: which lock, the how manieth of it. Or what went wrong. */
type Saying = [lock: number, turn: number] | string;

/**
 * What is known of the turns with a lock, in a block of shared memory:
 *
 *  - `next`: the number of the next turn; written only by who holds the lock
 *  - `inside`: who holds the lock, and has written so; 0 for nobody
 *  - an entry for each turn: who had it. Writing it *is* the turn: who is killed before has not had it
 *  - for each who: how many turns it has set out to have, and how many it had and has told of
 */
class Ledger {
	static readonly #inside: number = BLOCK.body;
	static readonly #next: number = BLOCK.body + 1;
	static readonly #begun: number = BLOCK.body + 2;
	static readonly #told: number = Ledger.#begun + MOST_CHILDREN;
	static readonly #entries: number = Ledger.#told + MOST_CHILDREN;
	static readonly #bytes: number = (Ledger.#entries - BLOCK.body + MOST_TURNS) * 4;
	readonly block: Block;

	constructor(reference?: BlockReference) {
		this.block =
			reference === undefined
				? Block.create(Ledger.#bytes, LEDGER)
				: Block.attach(reference, 'ledger', LEDGER, Ledger.#bytes);
	}

	get turns(): number {
		return this.block.words.load(Ledger.#next);
	}

	get isFull(): boolean {
		return this.turns > MOST_TURNS - 1000;
	}

	/** Sets out to have a turn: the lock is held. What is wrong, if anything is. */
	enter(who: number, ownerDied: boolean): string | undefined {
		const { words } = this.block;
		words.add(Ledger.#begun + who, 1);
		const before = words.exchange(Ledger.#inside, who + 1);
		if (before !== 0 && !ownerDied) return `${who} got the lock while ${before - 1} held it, who did not die`;
		return undefined;
	}

	/** The turn. Its number, or what is wrong. */
	take(who: number, ownerDied: boolean): number | string {
		const { words } = this.block;
		let turn = words.load(Ledger.#next);
		if (words.load(Ledger.#entries + turn) !== 0) {
			// Its owner has had the turn, and was killed before it could count it.
			if (!ownerDied) return `turn ${turn} is taken, but its owner did not die`;
			turn++;
			words.store(Ledger.#next, turn);
		}
		const before = words.compareExchange(Ledger.#entries + turn, 0, who + 1);
		if (before !== 0) return `${who} had turn ${turn}, and so had ${before - 1}`;
		words.store(Ledger.#next, turn + 1);
		return turn;
	}

	/** The turn is over and told: the lock is still held. What is wrong, if anything is. */
	leave(who: number): string | undefined {
		const { words } = this.block;
		words.add(Ledger.#told + who, 1);
		const inside = words.compareExchange(Ledger.#inside, who + 1, 0);
		return inside === who + 1 ? undefined : `${inside - 1} got the lock while ${who} held it, who is alive`;
	}

	/** Who had a turn; −1 for nobody. */
	ownerOf(turn: number): number {
		return this.block.words.load(Ledger.#entries + turn) - 1;
	}

	begun(who: number): number {
		return this.block.words.load(Ledger.#begun + who);
	}

	told(who: number): number {
		return this.block.words.load(Ledger.#told + who);
	}
}

export async function hammer(
	who: number,
	locks: (Lock | RLock)[],
	ledgers: BlockReference[],
	log: Connection,
): Promise<void> {
	const random = new Random(SEED + who);
	const pages = ledgers.map((reference) => new Ledger(reference));
	while (!pages.some((ledger) => ledger.isFull)) {
		const which = random.below(LOCKS);
		const [lock, ledger] = [locks[which]!, pages[which]!];
		const options = { timeout: PATIENCE };
		const acquired = random.below(2) === 0 ? lock.acquireSync(options) : await lock.acquire(options);
		const wrong = acquired ? ledger.enter(who, lock.ownerDied) : `${who} waited for ${PATIENCE} ms for lock ${which}`;
		if (wrong !== undefined) return log.sendSync(wrong);
		if (random.below(4) === 0) await new Promise(setImmediate);
		const turn = ledger.take(who, lock.ownerDied);
		if (random.below(4) === 0) await new Promise(setImmediate);
		log.sendSync(typeof turn === 'string' ? turn : ([which, turn] satisfies Saying));
		const alsoWrong = ledger.leave(who);
		if (alsoWrong !== undefined) return log.sendSync(alsoWrong);
		lock.release();
	}
}

/** Hears of the turns of one lock, in their order; those it does not hear of must have been somebody's last. */
class Audit {
	readonly #ledger: Ledger;
	readonly #which: number;
	readonly #heard = new Map<number, number>();
	readonly #untold: number[] = [];
	/** Most children in a row that were killed before they told. */
	longestSilence = 0;
	#next = 0;

	constructor(ledger: Ledger, which: number) {
		this.#ledger = ledger;
		this.#which = which;
	}

	hear(turn: number): void {
		assert.ok(turn >= this.#next, this.#say(`turn ${turn} came after ${this.#next - 1}`));
		let silence = 0;
		for (; this.#next < turn; this.#next++) {
			if (this.#ledger.ownerOf(this.#next) === PARENT) continue;
			this.#untold.push(this.#next);
			silence++;
		}
		this.longestSilence = Math.max(this.longestSilence, silence);
		this.#next++;
		const who = this.#ledger.ownerOf(turn);
		this.#heard.set(who, (this.#heard.get(who) ?? 0) + 1);
	}

	/** Everybody is dead: what was set out for, had, and told must agree. How many turns nobody was told of. */
	close(people: number): number {
		for (let turn = this.#next; turn < this.#ledger.turns; turn++) {
			if (this.#ledger.ownerOf(turn) !== PARENT) this.#untold.push(turn);
		}
		const last = this.#lastTurns();
		for (const turn of this.#untold) {
			const who = this.#ledger.ownerOf(turn);
			assert.notEqual(who, -1, this.#say(`turn ${turn} was nobody's`));
			assert.equal(last.get(who), turn, this.#say(`${who} went on after its untold turn ${turn}`));
		}
		for (let who = 1; who < people; who++) this.#checkOne(who);
		return this.#untold.length;
	}

	#lastTurns(): Map<number, number> {
		const last = new Map<number, number>();
		for (let turn = 0; turn < this.#ledger.turns; turn++) last.set(this.#ledger.ownerOf(turn), turn);
		return last;
	}

	/** It was killed at most once, so at most one turn that it set out for is not told of. */
	#checkOne(who: number): void {
		const [begun, heard, told] = [this.#ledger.begun(who), this.#heard.get(who) ?? 0, this.#ledger.told(who)];
		assert.ok(
			told <= heard && heard <= begun && begun <= told + 1,
			this.#say(`${who} began ${begun} turns, ${heard} were heard of, ${told} told`),
		);
	}

	#say(what: string): string {
		return `seed ${SEED}: lock ${this.#which}: ${what}`;
	}
}

async function main(): Promise<void> {
	const random = new Random(SEED);
	const locks = [new Lock(), new RLock()];
	const ledgers = locks.map(() => new Ledger());
	const audits = ledgers.map((ledger, which) => new Audit(ledger, which));
	const [sayings, log] = Pipe({ duplex: false });
	const end = performance.now() + DURATION;
	const goesOn = (): boolean => performance.now() < end && !ledgers.some((ledger) => ledger.isFull);
	let people = PARENT + 1;
	let deaths = 0;
	let turns = 0;

	const liveAndDie = async (): Promise<void> => {
		while (goesOn()) {
			const references = ledgers.map(({ block }) => block.toReference());
			const who = people++;
			const child = new Process({ target: hammer, args: [who, locks, references, log], daemon: true });
			await child.start();
			while (goesOn() && ledgers.every((ledger) => ledger.begun(who) === 0)) await sleep(5);
			await sleep(random.below(LONGEST_LIFE));
			deaths++;
			child.kill();
			assert.equal(await child.join(), -9);
		}
	};
	const take = async (lock: Lock | RLock, ledger: Ledger): Promise<void> => {
		while (goesOn()) {
			assert.equal(await lock.acquire({ timeout: PATIENCE }), true, `seed ${SEED}: waited ${PATIENCE} ms here`);
			assert.equal(ledger.enter(PARENT, lock.ownerDied), undefined, `seed ${SEED}`);
			const turn = ledger.take(PARENT, lock.ownerDied);
			assert.equal(typeof turn, 'number', `seed ${SEED}: ${turn}`);
			assert.equal(ledger.leave(PARENT), undefined, `seed ${SEED}`);
			lock.release();
			turns++;
			await sleep(random.below(20));
		}
	};
	const listen = async (): Promise<void> => {
		for await (const saying of sayings as AsyncIterable<Saying>) {
			assert.ok(typeof saying !== 'string', `seed ${SEED}: ${saying}`);
			audits[saying[0]]!.hear(saying[1]);
		}
	};
	const listening = listen();
	const living = Array.from({ length: CHILDREN }, liveAndDie);
	const taking = locks.map((lock, which) => take(lock, ledgers[which]!));
	await Promise.race([listening, Promise.all([...living, ...taking])]);
	log.close();
	await listening;
	const untold = audits.reduce((sum, audit) => sum + audit.close(people), 0);
	const all = ledgers.reduce((sum, ledger) => sum + ledger.turns, 0);
	assert.ok(untold <= deaths, `seed ${SEED}: ${untold} turns untold, ${deaths} deaths`);
	const silence = Math.max(...audits.map((audit) => audit.longestSilence));
	console.log(
		`  ${deaths} children killed, ${all - turns} turns there, ${turns} here, ${untold} killed before they told (${silence} in a row)`,
	);
}

if (isMain(import.meta)) await main();
