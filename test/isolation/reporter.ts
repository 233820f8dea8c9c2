/** A process with permissions that is an object of a subclass. */
import { Process, type Queue } from 'polyproc';

export class Reporter extends Process {
	readonly count: number;
	readonly queue: Queue<unknown>;

	constructor(count: number, queue: Queue<unknown>) {
		super({ permissions: {}, name: 'reporter', env: {} });
		this.count = count;
		this.queue = queue;
	}

	override async run(): Promise<void> {
		const { count, name } = this;
		await this.queue.put({ count, name, isReporter: this instanceof Reporter, environment: Object.keys(process.env) });
	}
}
