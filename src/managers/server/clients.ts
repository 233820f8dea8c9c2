/** How clients come to a server, and what becomes of the frames they send. */
import { breather } from '../../base/breather.ts';
import { ClosedError, RemoteError } from '../../base/errors.ts';
import type { Connection } from '../../channel/connection.ts';
import type { Ends } from '../../channel/ends.ts';
import { ends } from '../../channel/ends-key.ts';
import type { Listener } from '../../channel/listener.ts';
import { log } from '../../process/log.ts';
import { encodeThrown } from '../../wire/remote-error.ts';
import { Inbox } from '../inbox.ts';
import { ANSWER, type Frame, REQUEST, valueOf } from '../messages.ts';
import { Outbox } from '../outbox.ts';
import { Call, CalledOff } from './call.ts';
import type { Entry } from './entry.ts';
import type { Server } from './server.ts';
import { Session } from './session.ts';

/** Bytes of answers that may wait for a client to read them before no more of its calls are read. */
const MOST_UNSENT: number = 1024 * 1024;

/** All clients of a server. */
export class Clients {
	readonly server: Server;
	/** Told when a client wants the server to end. */
	readonly #onShutdown: () => void;
	readonly #sessions = new Map<string, Session>();
	readonly #lines = new Set<ClientLine>();
	#isOver = false;

	constructor(server: Server, onShutdown: () => void) {
		this.server = server;
		this.#onShutdown = onShutdown;
	}

	/** Lets in whoever comes to the door: processes that share memory with this one. */
	async admitFamily(door: Connection): Promise<void> {
		while (!this.#isOver) {
			const [key, kind, connection] = (await door.recv()) as [string, string, Connection];
			this.#serve(new ClientLine(this, connection, this.#session(key), kind === 'blocking'));
		}
	}

	/** Lets in whoever comes to the listener and knows its key. */
	async admitOthers(listener: Listener): Promise<void> {
		while (!this.#isOver) {
			try {
				this.#serve(new ClientLine(this, await listener.accept(), undefined, false));
			} catch (error) {
				if (error instanceof ClosedError) return;
				// Somebody without the key, or with something else to say: nobody else's affair.
				log('debug', 'a manager did not let a client in:', error);
			}
		}
	}

	/** The client that calls itself so. */
	#session(key: string): Session {
		const session = this.#sessions.get(key) ?? new Session(key);
		this.#sessions.set(key, session);
		return session;
	}

	/** Who a connection that came to the listener says that it is. */
	introduced(key: unknown): Session {
		return this.#session(`outside ${String(key)}`);
	}

	shutdown(): void {
		this.#onShutdown();
	}

	/** Ends all connections; what has been answered goes out first, as far as there is room. */
	close(): void {
		this.#isOver = true;
		for (const line of this.#lines) line.close();
		for (const session of this.#sessions.values()) session.end();
	}

	#serve(line: ClientLine): void {
		this.#lines.add(line);
		line.session?.connected();
		void line.run().finally(() => {
			this.#lines.delete(line);
			line.close();
			const { session } = line;
			if (session === undefined || !session.disconnected()) return;
			this.#sessions.delete(session.key);
			session.end();
		});
	}
}

/** One connection of a client. */
class ClientLine {
	session: Session | undefined;
	readonly #clients: Clients;
	readonly #connection: Connection;
	readonly #ends: Ends;
	readonly #outbox: Outbox;
	readonly #calls = new Map<number, Call>();
	#isBlocking: boolean;
	/** The client wants a server that there is no more. */
	#isStale = false;
	#cleared: () => void = () => {};

	constructor(clients: Clients, connection: Connection, session: Session | undefined, isBlocking: boolean) {
		this.#clients = clients;
		this.#connection = connection;
		this.#ends = connection[ends];
		this.session = session;
		this.#isBlocking = isBlocking;
		this.#outbox = new Outbox(session === undefined, {
			failed: () => connection.close(),
			cleared: () => this.#cleared(),
		});
		this.#outbox.open(this.#ends);
	}

	/** Does what the client asks for, until it has gone or says what cannot be understood. */
	async run(): Promise<void> {
		try {
			for (;;) {
				const frames = await Inbox.read(this.#ends);
				for (const frame of frames) this.#take(frame);
				if (!this.#isBlocking) this.session?.took(frames.length);
				this.#outbox.flush();
				await breather.breathe();
				if (this.#outbox.unsent > MOST_UNSENT) await this.#roomAgain();
			}
		} catch (error) {
			log('debug', "a manager's client has gone:", error);
		}
		for (const call of [...this.#calls.values()]) call.callOff();
	}

	close(): void {
		this.#outbox.flush();
		this.#connection.close();
		this.#cleared();
	}

	#roomAgain(): Promise<void> {
		return new Promise((resolve) => {
			this.#cleared = resolve;
		});
	}

	#take(frame: Frame): void {
		if (frame.kind === REQUEST.hello) this.#introduce(frame);
		else if (this.session === undefined) throw new RemoteError('a client must say who it is');
		else if (this.#isBlocking) this.session.startAfter(frame.call, () => this.#start(frame));
		else this.#start(frame);
	}

	#introduce(frame: Frame): void {
		if (this.session !== undefined) return;
		const [key, kind, server] = valueOf(frame) as [string, string, string];
		const session = this.#clients.introduced(key);
		this.#isBlocking = kind === 'blocking';
		this.#isStale = server !== '' && server !== this.#clients.server.place.server;
		session.connected();
		if (!this.#isBlocking) session.taken -= 1; // this frame is not one that the client counts
		this.session = session;
	}

	#start(frame: Frame): void {
		const { kind, object, call: number } = frame;
		const { server } = this.#clients;
		switch (kind) {
			case REQUEST.cancel:
				this.#calls.get(object)?.callOff();
				return;
			case REQUEST.attach:
			case REQUEST.detach:
			case REQUEST.lend:
				this.#count(kind, server.objects.find(object));
				return;
			case REQUEST.track:
				server.track(String(valueOf(frame)));
				return;
			case REQUEST.shutdown:
				this.#answer(number, undefined);
				this.#clients.shutdown();
				return;
			default:
				this.#run(frame);
		}
	}

	#count(kind: number, entry: Entry | undefined): void {
		if (entry === undefined) return;
		if (kind === REQUEST.attach) this.session!.attach(entry);
		else if (kind === REQUEST.detach) this.session!.detach(entry);
		else entry.lend();
	}

	#run(frame: Frame): void {
		const { call: number } = frame;
		const call = new Call(this.session!);
		try {
			const { entry, result } = this.#outcome(frame, call);
			if (result instanceof Promise) this.#await(number, call, entry, result);
			else this.#answerWith(number, entry, result);
		} catch (error) {
			this.#failed(number, error);
		}
	}

	#await(number: number, call: Call, entry: Entry | undefined, result: Promise<unknown>): void {
		this.#calls.set(number, call);
		result.then(
			(value) => {
				this.#calls.delete(number);
				this.#answerWith(number, entry, value);
			},
			(error: unknown) => {
				this.#calls.delete(number);
				this.#failed(number, error);
			},
		);
	}

	#outcome(frame: Frame, call: Call): { entry: Entry | undefined; result: unknown } {
		const { server } = this.#clients;
		if (frame.kind === REQUEST.who) return { entry: undefined, result: server.place.server };
		if (frame.kind === REQUEST.create) {
			const args = this.#args(frame);
			return { entry: undefined, result: server.create(String(args.pop()), args) };
		}
		const entry = server.objects.find(frame.object);
		if (entry === undefined || this.#isStale) throw this.#gone();
		if (frame.kind === REQUEST.copy) return { entry: undefined, result: entry.kind.copy(entry.referent) };
		const args = this.#args(frame);
		const target = args.pop();
		if (frame.kind === REQUEST.update) return { entry, result: server.update(entry, target, args) };
		return { entry, result: server.perform(call, entry, String(target), args) };
	}

	#args(frame: Frame): unknown[] {
		return [...(valueOf(frame) as unknown[])];
	}

	#gone(): RemoteError {
		const why = this.#isStale
			? 'the manager was started anew, and what there was before is gone'
			: 'nobody had a proxy of it any more';
		return new RemoteError(`there is no such object in this manager: ${why}.`);
	}

	#answerWith(number: number, entry: Entry | undefined, value: unknown): void {
		if (entry !== undefined && value === entry.referent && typeof value === 'object') {
			this.#outbox.addBytes(ANSWER.self, 0, number, NOTHING);
		} else this.#answer(number, value);
	}

	#answer(number: number, value: unknown): void {
		if (value === undefined) {
			this.#outbox.addBytes(ANSWER.value, 0, number, NOTHING);
			return;
		}
		try {
			this.#outbox.add(ANSWER.value, 0, number, { value, root: 'result' });
		} catch (error) {
			this.#failed(number, error);
		}
	}

	#failed(number: number, error: unknown): void {
		if (error instanceof CalledOff) this.#outbox.addBytes(ANSWER.cancelled, 0, number, NOTHING);
		else this.#outbox.addBytes(ANSWER.thrown, 0, number, encodeThrown(error));
	}
}

const NOTHING = new Uint8Array(0);
