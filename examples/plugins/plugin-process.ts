/** A plugin as its host sees it: a process that may do little, and what it has reported. */
import { mkdirSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ClosedError, Empty, type Permissions, Process, type ProcessLimits, Queue } from 'polyproc';
import { type Report, runPlugin } from './run-plugin.ts';

const MIB: number = 2 ** 20;
const LIMITS: ProcessLimits = {
	memory: 128 * MIB,
	cpuTime: 5000,
	wallTime: 60_000,
	openFiles: 64,
	processes: 0,
};
/** Reports that wait for the host, and bytes in them. */
const MOST_WAITING = 20;
const MOST_BYTES = 64 * 1024;
/** That it listens to at a time: who says more waits, and the host does not. */
const MOST_AT_A_TIME = 5;
const LONGEST_TEXT = 100;

/** What a plugin has beyond the others. */
export interface Grant {
	readonly permissions?: Permissions;
	readonly limits?: ProcessLimits;
}

export class PluginProcess {
	readonly name: string;
	readonly said: string[] = [];
	readonly #reports = new Queue<Report>(MOST_WAITING, { maxBytes: MOST_BYTES });
	readonly #process: Process<[file: string, folder: string, reports: Queue<Report>]>;
	#verdict = '';

	/** Of the plugin in `file`; it gets a folder in `place`. */
	constructor(name: string, file: URL, place: string, { permissions = {}, limits = {} }: Grant = {}) {
		this.name = name;
		const folder = join(place, name);
		mkdirSync(folder);
		this.#process = new Process({
			target: runPlugin,
			args: [file.href, folder, this.#reports],
			name,
			env: {},
			stdio: 'ignore',
			priority: constants.priority.PRIORITY_LOW, // the host comes first
			permissions: {
				...permissions,
				fsRead: [fileURLToPath(file), folder, ...(permissions.fsRead ?? [])],
				fsWrite: [folder],
			},
			limits: { ...LIMITS, ...limits },
		});
	}

	/** Runs the plugin to its end, whatever that is; when `stop` is aborted it is killed. */
	async run(stop: AbortSignal): Promise<void> {
		await this.#process.start();
		const kill = (): void => this.#process.kill({ tree: true });
		stop.addEventListener('abort', kill);
		if (stop.aborted) kill();
		await this.#process.join();
		stop.removeEventListener('abort', kill);
		while (this.listen()) {}
		this.#reports.close();
	}

	/** Takes some of what it has reported. `false`: there is no more. */
	listen(): boolean {
		for (let taken = 0; taken < MOST_AT_A_TIME; taken++) {
			try {
				this.#take(this.#reports.getNowait());
			} catch (error) {
				if (error instanceof Empty || error instanceof ClosedError) return false;
				this.#verdict = `${error}`;
			}
		}
		return true;
	}

	/** What a plugin reports can be anything. */
	#take(report: unknown): void {
		const [kind, text] = Array.isArray(report) ? (report as unknown[]) : [];
		if (typeof text !== 'string') this.#verdict = 'reported nonsense';
		else if (kind === 'says') this.said.push(text.slice(0, LONGEST_TEXT));
		else this.#verdict = `${kind === 'met' ? 'met ' : 'finished'}${text.slice(0, LONGEST_TEXT)}`;
	}

	/** What became of it. */
	get verdict(): string {
		const { exitCode, exitReason } = this.#process;
		if (exitReason !== null) return `killed: more ${exitReason} than it may have`;
		return this.#verdict || `gone: exit code ${exitCode}`;
	}
}
