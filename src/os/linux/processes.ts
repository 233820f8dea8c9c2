/** The part of the contract about children; see the files beside it. */
import type { Platform } from '../contract.ts';
import { startChild } from './child.ts';
import { cpuCount } from './cpu.ts';
import { waitSentinels } from './exit-watch.ts';
import { duplicate, duplicateFrom } from './foreign-descriptor.ts';
import { watchParent } from './parent-watch.ts';

type ProcessPart = Pick<
	Platform,
	'startChild' | 'watchParent' | 'waitSentinels' | 'duplicate' | 'duplicateFrom' | 'cpuCount'
>;

export const processes: ProcessPart = { startChild, watchParent, waitSentinels, duplicate, duplicateFrom, cpuCount };
