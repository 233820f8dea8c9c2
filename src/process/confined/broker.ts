/**
 * A confined process has no part in the family: it shares no memory, and holds no lock. Its broker does, a process of its
 * own that stands in the family for it, does with the shared objects what it is asked for, and ends with it. What the
 * confined process says is data to it: a method that the object's kind has, and arguments that hold no code.
 */
import type { WaitOptions } from '../../base/deadline.ts';
import { typeError, UnpicklingError } from '../../base/errors.ts';
import type { Connection } from '../../channel/connection.ts';
import { type WaitObject, wait } from '../../channel/wait.ts';
import { type AllowedModule, trustOnly } from '../../wire/allow-list.ts';
import { decodeAsync, encode } from '../../wire/codec.ts';
import { modules } from '../../wire/module-registry.ts';
import { encodeThrown } from '../../wire/remote-error.ts';
import type { Trust } from '../../wire/trust.ts';
import { log } from '../log.ts';
import { self } from '../self.ts';
import { answer, CANCEL, LONGEST, RELEASE, type Request, readReleased, readRequest, tooLong, WAIT } from './frames.ts';
import { type KindName, membersOf, READ, WRITE } from './members.ts';
import { StandIns } from './stand-ins.ts';

/** What a broker is told. */
export interface BrokerOrders {
	/** What the confined process was given, in the order of its stand-ins. */
	readonly objects: readonly object[];
	/** For calls that it awaits, and for those that block it. */
	readonly awaited: Connection;
	readonly blocking: Connection;
	/** Modules whose functions and classes it may name. */
	readonly allow: readonly AllowedModule[];
}

/** Calls under way over one line, and bytes in them and in their answers, before no more are read. */
const MOST_CALLS = 65_536;
const MOST_BYTES = 64 * 1024 * 1024;
/** Of a call; no method takes more. */
const MOST_ARGUMENTS = 8;
/** At once. */
const MOST_WAITED_FOR = 65_536;

type Method = (...args: unknown[]) => unknown;

/** One of the sockets, and what came over it that is not answered yet. */
class Line {
	readonly connection: Connection;
	readonly #underWay = new Map<number, AbortController>();
	#calls = 0;
	#bytes = 0;
	#lessToDo: () => void = () => {};

	constructor(connection: Connection) {
		this.connection = connection;
	}

	/** `undefined`: that is no request, or longer than any. */
	async next(): Promise<Request | undefined> {
		while (this.#calls >= MOST_CALLS || this.#bytes > MOST_BYTES) await this.#less();
		return readRequest(await this.connection.recvBytes(LONGEST));
	}

	begin({ call, content }: Request): AbortSignal {
		const controller = new AbortController();
		this.#underWay.set(call, controller);
		this.#calls += 1;
		this.#bytes += content.length;
		return controller.signal;
	}

	cancel(call: number): void {
		this.#underWay.get(call)?.abort();
	}

	async answer({ call, content }: Request, answer: Uint8Array): Promise<void> {
		this.#bytes += answer.length;
		await this.connection.sendBytes(answer);
		this.#underWay.delete(call);
		this.#calls -= 1;
		this.#bytes -= content.length + answer.length;
		this.#lessToDo();
	}

	#less(): Promise<void> {
		return new Promise((resolve) => {
			this.#lessToDo = resolve;
		});
	}
}

class Broker {
	readonly #given = new StandIns();
	readonly #trust: Trust;

	constructor({ objects, allow }: BrokerOrders) {
		this.#trust = trustOnly(allow, 'Process');
		for (const object of objects) this.#given.refer(object);
		this.#given.keepAll();
	}

	/** Does what is asked for until the other end is closed, or says what cannot be understood. */
	async serve(connection: Connection): Promise<void> {
		const line = new Line(connection);
		try {
			for (;;) {
				const request = await line.next();
				if (request === undefined) return;
				if (request.object === CANCEL) line.cancel(request.call);
				else if (request.object === RELEASE) this.#given.release(request.call, readReleased(request.content));
				else void this.#answer(line, request);
			}
		} catch (error) {
			log('debug', `its process has ended, or has announced more than anybody sends: ${String(error)}`);
		}
	}

	async #answer(line: Line, request: Request): Promise<void> {
		const signal = line.begin(request);
		const bytes = await this.#perform(request, signal)
			.then((value) => valueAnswer(request.call, encode(value, { root: 'result', to: this.#given })))
			.catch((error: unknown) => answer(request.call, true, encodeThrown(error)));
		await line.answer(request, bytes).catch(() => {}); // nobody is there any more
	}

	async #perform({ object, name, content }: Request, signal: AbortSignal): Promise<unknown> {
		const args = await decodeAsync(content, this.#trust);
		if (!Array.isArray(args) || args.length > MOST_ARGUMENTS) {
			throw new UnpicklingError('Cannot unpickle: these are no arguments');
		}
		if (object === WAIT) return await this.#wait(args, signal);
		const given = this.#find(object);
		return await performOn(given.object as Record<string, unknown>, given.type, name, args, signal);
	}

	/** The indices of those that are ready. */
	async #wait(args: readonly unknown[], signal: AbortSignal): Promise<number[]> {
		const [ids] = args;
		if (!Array.isArray(ids) || ids.length > MOST_WAITED_FOR) throw typeError('these are no objects');
		const objects = ids.map((id) => this.#find(id).object);
		const [, options] = withSignal(args, 1, signal);
		const ready = new Set<unknown>(await wait(objects as WaitObject[], options as WaitOptions));
		return [...objects.keys()].filter((index) => ready.has(objects[index]!));
	}

	#find(id: number): { readonly object: object; readonly type: KindName } {
		const given = this.#given.find(id);
		if (given === undefined) throw typeError('there is no such object');
		return given;
	}
}

function valueAnswer(call: number, content: Uint8Array): Buffer {
	if (content.length > LONGEST) throw tooLong(content.length);
	return answer(call, false, content);
}

function performOn(
	target: Record<string, unknown>,
	kind: KindName,
	name: string,
	args: unknown[],
	signal: AbortSignal,
): unknown {
	const { awaited = {}, prompt = [], readable = [], writable = [] } = membersOf(kind);
	if (Object.hasOwn(awaited, name)) return (target[name] as Method)(...withSignal(args, awaited[name]!, signal));
	if (prompt.includes(name)) return (target[name] as Method)(...args);
	if (name.startsWith(READ) && readable.includes(name.slice(READ.length))) return target[name.slice(READ.length)];
	if (!name.startsWith(WRITE) || !writable.includes(name.slice(WRITE.length))) {
		throw typeError(`a ${kind} has no ${JSON.stringify(name)}`);
	}
	target[name.slice(WRITE.length)] = args[0];
	return undefined;
}

/** The arguments, with a signal among the options; these may be a number of milliseconds. */
function withSignal(args: readonly unknown[], at: number, signal: AbortSignal): unknown[] {
	const options = args[at];
	if (options !== undefined && typeof options !== 'number' && (typeof options !== 'object' || options === null)) {
		return [...args]; // it will say what it thinks of that
	}
	const all =
		typeof options === 'object'
			? { ...options, signal }
			: { signal, ...(options === undefined ? {} : { timeout: options }) };
	const filled = Array.from({ length: Math.max(args.length, at + 1) }, (_, index) => args[index]);
	filled[at] = all;
	return filled;
}

/** What a broker's process is started with. */
export async function stand(orders: BrokerOrders): Promise<void> {
	// What a terminal sends to all its processes is for the program to decide about.
	process.on('SIGINT', () => {});
	modules.importing = (load) => self.whileLoading(load);
	const broker = new Broker(orders);
	// With one of them the other is of no use either: calls over it would wait for ever.
	await Promise.race([broker.serve(orders.awaited), broker.serve(orders.blocking)]);
	process.exit();
}
