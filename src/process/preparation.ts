/** What a child that is given a payload is told about itself. */
import { platform } from '../os/platform.ts';
import type { LaunchRequest } from './launcher.ts';
import { hasMainFile } from './main-module.ts';
import type { Preparation, Surroundings } from './payload.ts';
import { type StartMethod, self } from './self.ts';

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
		hasMain: hasMainFile(),
		participant,
		descriptors: 1,
		surroundings: surroundings === null ? null : JSON.stringify(surroundings),
	};
}
