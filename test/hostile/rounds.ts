// Rounds of hostile writes, in a program of their own: node build/test/hostile/rounds.js SEED FIRST COUNT KIND
// A round's number and seed decide everything in it. The last line that was printed says which one did not end.
//   objects      the memory of one object is overwritten; what was not written to works as before
//   bookkeeping  what the whole family keeps about itself is overwritten, in one round after the other
//   another      a second process overwrites objects while they are used
import assert from 'node:assert/strict';
import { writeSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { isMain, Lock, Process, Semaphore, waitGraph } from '../../src/index.ts';
import { family } from '../../src/memory/family.ts';
import { Random } from '../soak/random.ts';
import { Bystanders } from './bystanders.ts';
import { bookkeeping, type Place, placesOf, scribble } from './scribbler.ts';
import { isOfOurs } from './typed-errors.ts';
import { KINDS, makeVictim } from './victims.ts';

const DEEDS = 8;
/** Milliseconds that a call may take which waits for milliseconds: another may have the only processor. */
const PATIENCE = 3000;
const MOST_MEMORY: number = 1024 ** 3;
const WRITING_TIME = 250;

function say(line: string): void {
	writeSync(1, `${line}\n`);
}

/** It returns, comes to nothing in time, or throws an error of ours. */
async function attempt(deed: () => unknown): Promise<void> {
	let outcome: unknown;
	try {
		outcome = deed();
	} catch (error) {
		outcome = Promise.reject(error);
	}
	const settled = Promise.resolve(outcome).then(
		() => {},
		(error) => {
			if (isOfOurs(error)) return;
			console.error(error);
			throw new Error(`not an error of ours, from ${deed}`, { cause: error });
		},
	);
	const isLate = await Promise.race([settled, sleep(PATIENCE, true)]);
	if (isLate === true) late.push(String(deed));
}

/** Calls that did not end in time: their lock was overwritten so that it seemed to be somebody's who lives. */
const late: string[] = [];

/** Does things to an object while its memory is written to. */
async function use(random: Random, deeds: readonly (() => unknown)[], places: readonly Place[]): Promise<void> {
	const pending: Promise<void>[] = [];
	for (let left = DEEDS; left > 0; left--) {
		const deed = deeds[random.below(deeds.length)]!;
		if (random.below(2) === 0) scribble(random, places);
		if (random.below(3) > 0) await attempt(deed);
		else pending.push(attempt(deed));
	}
	scribble(random, places);
	await Promise.all(pending);
}

async function objectRound(random: Random, bystanders: Bystanders): Promise<void> {
	const kind = KINDS[random.below(KINDS.length)]!;
	say(`  ${kind}`);
	const { object, deeds } = makeVictim(kind);
	for (let left = random.below(3); left > 0; left--) await attempt(deeds[random.below(deeds.length)]!);
	const places = placesOf(object);
	await use(random, deeds, places);
	await bystanders.check();
}

const FAMILY_DEEDS: readonly (() => unknown)[] = [
	() => family().heap.sweep(),
	() => family().heap.bytesInUse(),
	() => waitGraph(),
	() => new Lock(),
	() => new Semaphore(1),
	() => {
		const id = family().reserveParticipant('somebody');
		family().releaseParticipant(id);
	},
	() => [...family().participants.ids()].map((id) => family().participants.fullName(id)),
];

async function familyRound(random: Random): Promise<void> {
	const kind = KINDS[random.below(KINDS.length)]!;
	say(`  ${kind}`);
	let deeds = FAMILY_DEEDS;
	await attempt(() => {
		deeds = [...FAMILY_DEEDS, ...makeVictim(kind).deeds];
	});
	await use(random, deeds, bookkeeping());
}

/** In another process: overwrites these places for a while. */
export async function overwrite(seed: number, places: readonly Place[]): Promise<void> {
	const random = new Random(seed);
	for (const end = performance.now() + WRITING_TIME; performance.now() < end; ) {
		for (let left = random.below(100); left > 0; left--) scribble(random, places);
		await sleep(random.below(3));
	}
}

async function roundWithAnother(random: Random, bystanders: Bystanders): Promise<void> {
	const victims = Array.from({ length: 3 }, () => makeVictim(KINDS[random.below(KINDS.length)]!));
	const places = victims.flatMap(({ object }) => placesOf(object));
	const child = new Process({ target: overwrite, args: [random.below(2 ** 31), places], daemon: true });
	await child.start();
	let isOver = false;
	const ended = child.join().then((code) => {
		isOver = true;
		assert.equal(code, 0, 'the other process failed');
	});
	while (!isOver) {
		const { deeds } = victims[random.below(victims.length)]!;
		await attempt(deeds[random.below(deeds.length)]!);
		await sleep(0);
	}
	await ended;
	await bystanders.check();
}

async function main(): Promise<void> {
	const [seed, first, count] = process.argv.slice(2, 5).map(Number) as [number, number, number];
	const what = process.argv[5] ?? 'objects';
	const bystanders = new Bystanders();
	for (let round = first; round < first + count; round++) {
		say(`round ${round}`);
		const random = new Random(Math.imul(seed, 1_000_003) + round);
		if (what === 'objects') await objectRound(random, bystanders);
		else if (what === 'bookkeeping') await familyRound(random);
		else await roundWithAnother(random, bystanders);
	}
	assert.ok(process.memoryUsage.rss() < MOST_MEMORY, `${process.memoryUsage.rss()} bytes of memory`);
	for (const deed of late) say(`late: ${deed}`);
	say('all held');
	process.exit(0);
}

if (isMain(import.meta)) await main();
