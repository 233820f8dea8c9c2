/** What runs in a plugin's process: the plugin, and what it is given. */
import type { Queue } from 'polyproc';

/** What a plugin can do with its host. */
export interface Host {
	/** A folder of its own. Everything else is closed to it. */
	readonly folder: string;
	/** Tells the host something; waits while that has not listened to what was said before. */
	say(text: string): Promise<void>;
	/** The same without waiting; throws `Full` then. */
	sayNow(text: string): void;
}

export type Report = [kind: 'says' | 'met' | 'finished', text: string];

export async function runPlugin(file: string, folder: string, reports: Queue<Report>): Promise<void> {
	const host: Host = {
		folder,
		say: (text) => reports.put(['says', text]),
		sayNow: (text) => reports.putNowait(['says', text]),
	};
	try {
		const { default: plugin } = (await import(file)) as { default: (host: Host) => unknown };
		await plugin(host);
		await reports.put(['finished', '']);
	} catch (error) {
		const { name, message, code = name } = error as Error & { code?: string };
		await reports.put(['met', `${code}: ${message.split('\n', 1)[0]}`]);
		process.exitCode = 1;
	}
}
