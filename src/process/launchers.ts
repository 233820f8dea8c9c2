/** The start methods there are. */
import { forkLauncher } from './fork-launcher.ts';
import { forkserverLauncher } from './forkserver-launcher.ts';
import type { Launcher } from './launcher.ts';
import type { StartMethod } from './self.ts';
import { spawnLauncher } from './spawn-launcher.ts';

export const launchers: Readonly<Record<StartMethod, Launcher>> = {
	forkserver: forkserverLauncher,
	spawn: spawnLauncher,
	fork: forkLauncher,
};
