/** What a child finds that it was not given: it says so on its standard output. */
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { getPriority } from 'node:os';

function tell(value: unknown): void {
	console.log(JSON.stringify(value));
}

/** Of open files, what they point to. */
export function tellDescriptors(): void {
	const open = readdirSync('/proc/self/fd').flatMap((fd) => {
		if (Number(fd) <= 2) return []; // standard streams, which are passed
		try {
			return [readlinkSync(`/proc/self/fd/${fd}`)];
		} catch {
			return []; // the one that listed the folder
		}
	});
	tell(open);
}

export function tellEnvironment(): void {
	tell([process.env, readFileSync('/proc/self/environ', 'latin1').replaceAll('\0', '')]);
}

/** Signals that are blocked, ignored and caught, as the kernel has them. */
export function tellSignals(): void {
	const status = readFileSync('/proc/self/status', 'latin1');
	tell(['SigBlk', 'SigIgn', 'SigCgt'].map((name) => new RegExp(`^${name}:\\s+(\\S+)`, 'm').exec(status)?.[1]));
}

export function tellIdentity(): void {
	const status = readFileSync('/proc/self/status', 'latin1');
	const privileges = /^NoNewPrivs:\s+(\d)/m.exec(status)?.[1];
	tell({ uid: process.getuid?.(), gid: process.getgid?.(), groups: process.getgroups?.(), privileges });
}

/** How the kernel schedules each of its threads, as it calls that by numbers. */
export function tellPolicies(): void {
	const policies = readdirSync('/proc/self/task').map((tid) => {
		const stat = readFileSync(`/proc/self/task/${tid}/stat`, 'latin1');
		return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[38]);
	});
	tell([...new Set(policies)]);
}

/** That of each of its threads, and of what it starts. */
export function tellPriorities(): void {
	const threads = readdirSync('/proc/self/task').map(Number);
	tell([...new Set(threads.map((tid) => getPriority(tid)))]);
	spawn(process.execPath, ['--print', 'os.getPriority()'], { stdio: ['ignore', 'inherit', 'inherit'] });
}

/** Whether what it starts is held back too. */
export function tellOfChild(): void {
	spawn('grep', ['NoNewPrivs', '/proc/self/status'], { stdio: ['ignore', 'inherit', 'inherit'] });
}

export async function tellInspector(): Promise<void> {
	const { url } = await import('node:inspector');
	tell([url() ?? null, process.execArgv, process.env.NODE_OPTIONS ?? null]);
}
