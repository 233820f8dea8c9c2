/**
 * The claims, by all interleavings: of a pool that takes a task back and a worker that begins it exactly one gets it, also
 * when the word is used for a later task meanwhile; and of a worker that has died it is known what it had begun.
 */
import { CLAIMS, Claims } from '../../src/pool/claims.ts';
import type { Model } from './model.ts';
import { prove, refute } from './prove.ts';
import type { ModelProcess, Phase, Program } from './replay.ts';

const WORKER = 2;
/** The first words of the claims; the pool's counter of messages, the worker's, and the messages. */
const WORDS = 1;
const SENT = 3;
const READ = 4;
const MAIL = 5;
const MOST = 3;
/** For each message: whether the pool has taken its task back, the worker has begun it, and reported it. */
const TAKEN: number = MAIL + MOST;
const BEGUN: number = TAKEN + MOST;
const REPORTED: number = BEGUN + MOST;
const SIZE: number = REPORTED + MOST;

type Make = (process: ModelProcess) => Claims;

/** Tasks 0, 1 and 64: the last one has the word of the first. */
const TASKS = [0, 1, CLAIMS] as const;

const real: Make = ({ words }) =>
	new Claims({
		load: (index) => words.load(WORDS + index),
		store: (index, value) => words.store(WORDS + index, value),
		add: (index, value) => words.add(WORDS + index, value),
		exchange: (index, value) => words.exchange(WORDS + index, value),
		compareExchange: (index, expected, value) => words.compareExchange(WORDS + index, expected, value),
	});

function send({ words }: ModelProcess, claims: Claims, message: number): void {
	claims.offer(TASKS[message]!);
	words.store(MAIL + message, TASKS[message]!);
	words.store(SENT, message + 1);
}

/** Takes a task back, or not; one that it got is nobody else's. */
function takeBack(process: ModelProcess, claims: Claims, message: number): boolean {
	if (!claims.revoke(TASKS[message]!)) return false;
	process.words.store(TAKEN + message, 1);
	return true;
}

/** Sends two tasks, takes back what it can of the one whose word it needs again, sends the third, and looks whether its worker lives. */
function pool(make: Make): Program {
	return {
		start: (process) => {
			send(process, make(process), 0);
			send(process, make(process), 1);
			return 'takes back';
		},
		'takes back': (process) => {
			const claims = make(process);
			if (process.choose(2) === 1) takeBack(process, claims, 1);
			// Its word is used again only when the pool has got it back, or has been told that it is done.
			return takeBack(process, claims, 0) || process.words.load(REPORTED) === 1 ? 'sends one more' : 'looks';
		},
		'sends one more': (process) => {
			send(process, make(process), 2);
			return 'looks';
		},
		looks: (process) => (process.world.isAlive(WORKER) ? undefined : 'buries'),
		buries: bury(make),
	};
}

/** The worker is dead: what it has begun is known, and it is one at most. */
function bury(make: Make): Phase {
	return (process) => {
		const { words } = process;
		const left = TASKS.slice(0, words.load(SENT)).flatMap((_, message) =>
			words.load(TAKEN + message) + words.load(REPORTED + message) > 0 ? [] : [message],
		);
		const begun = left.filter((message) => !takeBack(process, make(process), message));
		process.check(begun.length <= 1, 'it has begun two');
		for (const message of left) {
			const isBegun = words.load(BEGUN + message) === 1;
			process.check(!isBegun || begun.includes(message), 'what it had begun is thought to be waiting');
		}
		return undefined;
	};
}

/** Does what it finds in its mail, until there is nothing: whoever is slow enough finds everything. */
function worker(make: Make): Program {
	return {
		start: ({ words }) => (words.load(READ) < words.load(SENT) ? 'reads' : undefined),
		reads: (process) => {
			const message = process.words.load(READ);
			const task = process.words.load(MAIL + message);
			process.words.store(READ, message + 1);
			return make(process).claim(task) ? `begins ${message}` : 'start';
		},
		...Object.fromEntries(TASKS.map((task, message) => [`begins ${message}`, doing(make, task, message)])),
	};
}

function doing(make: Make, task: number, message: number): Phase {
	return (process) => {
		process.words.store(BEGUN + message, 1);
		make(process).run(task);
		process.words.store(REPORTED + message, 1);
		return 'start';
	};
}

/** Whatever was sent is done by one of them. */
function eachOnce(memory: Int32Array): string | undefined {
	for (const [message, task] of TASKS.entries()) {
		const taken = memory[TAKEN + message]!;
		const begun = memory[BEGUN + message]!;
		if (taken + begun > 1) return `both have task ${task}`;
	}
	return undefined;
}

function model(make: Make = real, more: Partial<Model> = {}): Model {
	return { size: SIZE, programs: [pool(make), worker(make)], records: [], atEnd: eachOnce, ...more };
}

const dies: Partial<Model> = { deaths: { of: [WORKER], most: 1 } };

prove('of a pool and a worker exactly one gets a task, also when its word is used again', model());
prove('the worker may die at any operation: the pool knows what it had begun', model(real, dies));

/** Looks first, and then writes: no compare-and-exchange. */
const hasty: Make = (process) => {
	const claims = real(process);
	const { words } = process;
	const put = (task: number, from: number, to: number): boolean => {
		const index = WORDS + (task % CLAIMS);
		if (words.load(index) !== task * 4 + from) return false;
		words.store(index, task * 4 + to);
		return true;
	};
	claims.revoke = (task) => put(task, 0, 3);
	return claims;
};
refute('who looks before it takes back, and does not compare, shares a task', model(hasty), /both have task/);

/** The words do not say whose they are. */
const nameless: Make = (process) => {
	const strip = (value: number): number => value & 3;
	const { words } = process;
	return new Claims({
		load: (index) => words.load(WORDS + index),
		store: (index, value) => words.store(WORDS + index, strip(value)),
		add: (index, value) => words.add(WORDS + index, value),
		exchange: (index, value) => words.exchange(WORDS + index, strip(value)),
		compareExchange: (index, expected, value) => {
			const found = words.compareExchange(WORDS + index, strip(expected), strip(value));
			return found === strip(expected) ? expected : expected + 1;
		},
	});
};
refute(
	'without the number in its word, a task that was taken back is begun for the one that has its word now',
	model(nameless),
	/both have task 0/,
);
