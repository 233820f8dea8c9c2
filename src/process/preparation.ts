/** What a child that is given a payload is told about itself. */
import { platform } from '../os/platform.ts';
import type { LaunchRequest } from './launcher.ts';
import type { Preparation, Surroundings } from './payload.ts';
import { type StartMethod, self } from './self.ts';

/** Programs without a file: what they define travels as closures. */
const TYPED_IN = /^(?:-e|--eval|-p|--print|-pe|-ep|-i|--interactive)(?:=|$)/;

/** Whether this program has a file, the first of its arguments. */
export function hasMain(): boolean {
	const [, first] = process.argv;
	return first !== undefined && first !== '-' && !process.execArgv.some((option) => TYPED_IN.test(option));
}

export function prepare(
	request: LaunchRequest,
	participant: number,
	startMethod: StartMethod,
	surroundings: Surroundings | null,
): Omit<Preparation, 'call'> {
	return {
		name: request.name,
		lineage: request.lineage,
		daemon: request.daemon,
		authkey: Buffer.from(request.authkey).toString('hex'),
		startMethod,
		logging: self.logging,
		parent: { name: self.name, identity: platform.self() },
		argv: process.argv.slice(1),
		hasMain: hasMain(),
		participant,
		descriptors: 1,
		surroundings,
	};
}
