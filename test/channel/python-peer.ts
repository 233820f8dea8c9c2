/** Programs of Python at the other end of a connection. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createInterface, type Interface } from 'node:readline';

const PYTHON = process.env.PYTHON ?? 'python3';

export const PRELUDE = `
import sys, json
from multiprocessing import AuthenticationError
from multiprocessing.connection import Client, Listener, deliver_challenge, answer_challenge
def say(*words):
    print(*words, flush=True)
def at(text):
    address = json.loads(text)
    return tuple(address) if isinstance(address, list) else address
def key(text):
    return None if text == "-" else text.encode()
`;

export const noPython: false | string =
	spawnSync(PYTHON, ['-c', 'import multiprocessing.connection']).status === 0 ? false : 'there is no python3';

/** A program of Python that runs: its lines as they come, and its end. */
export interface Peer {
	line(): Promise<string>;
	/** What it printed on standard error, once it has ended. */
	ended(): Promise<string>;
}

/** Runs `program` behind the prelude; `args` are its `sys.argv[1:]`. */
export function python(program: string, ...args: string[]): Peer {
	const child = spawn(PYTHON, ['-c', PRELUDE + program, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
	const lines: Interface = createInterface({ input: child.stdout });
	const iterator = lines[Symbol.asyncIterator]();
	let errors = '';
	child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
	const closed = once(child, 'close');
	return {
		async line() {
			const { value, done } = await iterator.next();
			if (done) throw new Error(`Python has ended: ${errors}`);
			return value as string;
		},
		async ended() {
			await closed;
			return errors;
		},
	};
}
