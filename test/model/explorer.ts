/**
 * Runs a model through every interleaving of its processes, breadth first, and says what went wrong in the shortest way
 * there is. A violation is: a failed `check`, a broken invariant, a deadlock (nobody can run and somebody has not ended;
 * a lost wake-up is one), a state from which the end cannot be reached any more, a run without ticks that never ends.
 *
 * Sleeping is that of a futex: one step looks at the word and falls asleep, and only a `wake` of that word ends it.
 * Spinning is no step: who finds a guard taken stays before its look until the word has changed, or, if its holder is
 * dead, spins on until it asks whether it is. A process that dies just does nothing any more. Words listed as
 * `guarded` belong to whoever holds a guard, which is checked; because nobody else can see them, operations on them
 * need not be interleaved with anybody's (Lipton's reduction), while their process may die before each of them.
 */
import { Graph } from './graph.ts';
import type { Model } from './model.ts';
import { hasEnded, isOnMemory, operate, sleepersOn } from './operations.ts';
import { type Operation, Replay, SLEPT } from './replay.ts';
import { spin } from './spin.ts';
import { copyInto, decode, encode, LIFE, type State, States } from './state.ts';

export interface Outcome {
	readonly states: number;
	readonly steps: number;
	/** What went wrong, and how; none: the model is proved. */
	readonly violation: string | undefined;
}

/** Ways a process can go on, besides answers to its operation: those are 32-bit words. */
const ACTION = { die: 2 ** 32, tick: 2 ** 32 + 1, timeout: 2 ** 32 + 2 } as const;

export function explore(model: Model, mostStates = 5_000_000): Outcome {
	return new Explorer(model).explore(mostStates);
}

class Explorer {
	readonly #model: Model;
	readonly #replays: readonly Replay[];
	readonly #states: States;
	readonly #units: Uint16Array;
	/** What a state is made in, before it has a number. */
	readonly #next: State;
	/** How each state was first reached: from which, by whom, how. */
	readonly #parents: number[] = [];
	readonly #movers: number[] = [];
	readonly #actions: number[] = [];
	readonly #graph = new Graph();
	readonly #ends: number[] = [];
	#steps = 0;

	constructor(model: Model) {
		this.#model = model;
		this.#replays = model.programs.map((program, i) => new Replay(i + 1, program, model.records));
		this.#next = { memory: new Int32Array(model.size), places: [], lives: [] };
		this.#units = new Uint16Array(model.size + 2 * model.programs.length);
		this.#states = new States(this.#units.length);
	}

	explore(mostStates: number): Outcome {
		this.#number(this.#initial(), -1, -1, 0);
		let violation: string | undefined;
		for (let id = 0; id < this.#states.count && violation === undefined; id++) {
			const wrong = id > mostStates ? 'too many states' : this.#expand(id);
			if (wrong !== undefined) violation = this.#report(wrong, id);
		}
		violation ??= this.#findLivelock();
		return { states: this.#states.count, steps: this.#steps, violation };
	}

	#initial(): State {
		const memory = new Int32Array(this.#model.size);
		for (const [index, value] of Object.entries(this.#model.initial ?? {})) memory[Number(index)] = value;
		return {
			memory,
			places: this.#replays.map((replay) => replay.root('start')),
			lives: this.#replays.map(() => LIFE.awake),
		};
	}

	#number(state: State, parent: number, process: number, action: number): number {
		encode(state, this.#units);
		const id = this.#states.number(this.#units);
		if (id === this.#parents.length) {
			this.#parents.push(parent);
			this.#movers.push(process);
			this.#actions.push(action);
		}
		return id;
	}

	#state(id: number): State {
		return decode(this.#states.at(id), this.#replays);
	}

	/** Adds what can come next. Returns what is wrong. */
	#expand(id: number): string | undefined {
		const state = this.#state(id);
		const wrong = this.#wrong(state);
		if (wrong !== undefined) return wrong;
		const everybody = [...state.places.keys()];
		const alone = everybody.find((process) => this.#isUnseen(state, process));
		const moving = alone === undefined ? everybody : [alone];
		const stepped = moving.map((process) => this.#takeSteps(id, state, process)).some(Boolean);
		for (const process of moving) if (this.#mayDie(state, process)) this.#take(id, state, process, ACTION.die);
		if (alone !== undefined) return undefined;
		const timedOut = everybody.map((process) => this.#timeOut(id, state, process)).some(Boolean);
		const ticked = this.#tick(id, state, stepped);
		if (stepped || timedOut || ticked) return undefined;
		if (!everybody.every((process) => hasEnded(state, process))) return 'deadlock: nobody can go on';
		this.#ends.push(id);
		return this.#model.atEnd?.(state.memory);
	}

	#wrong(state: State): string | undefined {
		const living = state.places.filter((_, process) => state.lives[process] !== LIFE.dead);
		return (
			living.find((place) => place.failure !== undefined)?.failure ??
			this.#model.invariant?.(
				living.map((place) => place.phase),
				state.memory,
			)
		);
	}

	/** Whether nobody else can see what the process does next; throws if a guarded word is touched without its guard. */
	#isUnseen(state: State, process: number): boolean {
		const operation = state.places[process]!.operation;
		if (operation === undefined || state.lives[process] === LIFE.dead) return false;
		if (operation.kind === 'choose') return true;
		if (operation.kind === 'isAlive') return !this.#mayDie(state, operation.index - 1);
		if (!isOnMemory(operation)) return false;
		if (operation.kind === 'load' && this.#model.constant?.has(operation.index)) return true;
		const own = this.#model.own?.(operation.index, process + 1, state.memory);
		if (own === 'all' || (own === 'loads' && operation.kind === 'load')) return true;
		for (const [guard, words] of this.#model.guarded ?? []) {
			const held = state.memory[guard] === process + 1;
			if (operation.index === guard) return held && operation.kind === 'store';
			if (!words.has(operation.index)) continue;
			if (held) return true;
			throw new Error(`${this.#describe(state, process, 0)}: touched without holding the guard`);
		}
		return false;
	}

	#mayDie(state: State, process: number): boolean {
		const deaths = this.#model.deaths;
		if (deaths === undefined || !deaths.of.includes(process + 1) || hasEnded(state, process)) return false;
		return state.lives.filter((life) => life === LIFE.dead).length < deaths.most;
	}

	#takeSteps(id: number, state: State, process: number): boolean {
		const answers = this.#answers(state, process);
		return answers.map((answer) => this.#take(id, state, process, answer)).some(Boolean);
	}

	#timeOut(id: number, state: State, process: number): boolean {
		const may = state.lives[process] === LIFE.asleep && state.places[process]!.operation?.b === 1;
		return may && this.#take(id, state, process, ACTION.timeout);
	}

	#tick(id: number, state: State, stepped: boolean): boolean {
		const may = this.#model.ticks === 'any time' || (!stepped && state.lives.includes(LIFE.dead));
		if (!may) return false;
		const asleep = [...state.lives.keys()].filter((process) => state.lives[process] === LIFE.asleep);
		return asleep.map((process) => this.#take(id, state, process, ACTION.tick)).some(Boolean);
	}

	/** What the process's operation may answer now; none: it cannot run. */
	#answers(state: State, process: number): readonly number[] {
		const operation = state.places[process]!.operation;
		const life = state.lives[process];
		if (operation === undefined || life === LIFE.dead || life === LIFE.asleep) return [];
		if (operation.kind === 'choose') return [...Array(operation.a).keys()];
		// A wake that wakes nobody may say either: "false when it may be dead".
		if (operation.kind === 'wake') return sleepersOn(state, operation.index).length > 0 ? [1] : [1, 0];
		return [this.#answer(state, operation)];
	}

	#answer(state: State, { kind, index }: Operation): number {
		if (kind === 'isAlive') return state.lives[index - 1] === LIFE.dead ? 0 : 1;
		return isOnMemory({ kind }) && kind !== 'store' ? state.memory[index]! : SLEPT.woken;
	}

	/** Lets a process do something. False: nothing has changed by that, it cannot really run. */
	#take(id: number, before: State, process: number, action: number): boolean {
		const state = this.#next;
		copyInto(state, before);
		this.#perform(state, process, action);
		this.#model.observe?.(state.memory, before.memory, process + 1);
		const next = this.#number(state, id, process, action);
		if (next === id) return false;
		this.#steps++;
		this.#graph.add(id, next, action === ACTION.tick ? 'tick' : 'step');
		return true;
	}

	#perform(state: State, process: number, action: number): void {
		const operation = state.places[process]!.operation!;
		if (action === ACTION.die) {
			state.lives[process] = LIFE.dead;
			this.#model.onDeath?.(state.memory, process + 1);
		} else if (action >= ACTION.die) {
			this.#goOn(state, process, action === ACTION.tick ? SLEPT.tick : SLEPT.timeout);
		} else if (operation.kind === 'park' && this.#fallsAsleep(state, process, operation)) {
			state.lives[process] = LIFE.asleep;
		} else {
			operate(state, operation);
			this.#goOn(state, process, action);
		}
	}

	#fallsAsleep(state: State, process: number, { index, a }: Operation): boolean {
		return state.lives[process] === LIFE.awake && state.memory[index] === a;
	}

	#goOn(state: State, process: number, answer: number): void {
		const replay = this.#replays[process]!;
		let place = replay.next(state.places[process]!, answer);
		if (place.operation?.kind === 'pause') place = spin(state, replay, place);
		state.lives[process] = LIFE.awake;
		state.places[process] = place;
	}

	#findLivelock(): string | undefined {
		const hopeless = this.#graph.hopeless(this.#states.count, this.#ends);
		if (hopeless >= 0) return this.#report('livelock: from here not all can end any more', hopeless);
		const endless = this.#model.ticks === 'any time' ? -1 : this.#graph.endless(this.#states.count);
		return endless >= 0 ? this.#report('livelock: this can come again for ever', endless) : undefined;
	}

	#report(wrong: string, last: number): string {
		const lines: string[] = [];
		for (let id = last; this.#parents[id]! >= 0; id = this.#parents[id]!) {
			lines.unshift(this.#describe(this.#state(this.#parents[id]!), this.#movers[id]!, this.#actions[id]!));
		}
		const state = this.#state(last);
		const ends = state.places.map((_, process) => this.#describe(state, process, 0));
		return [wrong, ...lines, '  now they are about to:', ...ends].join('\n');
	}

	#describe(state: State, process: number, action: number): string {
		const { operation, phase } = state.places[process]!;
		const name = this.#model.wordName ?? String;
		const who = `  ${process + 1} in ${state.lives[process] === LIFE.dead ? 'its grave' : phase}:`;
		if (action >= ACTION.die)
			return `${who} ${Object.keys(ACTION).find((key) => ACTION[key as keyof typeof ACTION] === action)}`;
		if (operation === undefined) return `${who} –`;
		const { kind, index, a, b } = operation;
		const where = kind === 'isAlive' ? index : name(index);
		return `${who} ${kind} ${where} ${a} ${b} → ${action}${state.lives[process] === LIFE.asleep ? ' (asleep)' : ''}`;
	}
}
