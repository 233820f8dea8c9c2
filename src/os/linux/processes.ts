/** The part of the contract about children; see the files beside it. */
import type { Platform } from '../contract.ts';

type ProcessPart = Pick<Platform, 'startChild' | 'watchParent' | 'waitSentinels' | 'duplicateFrom' | 'cpuCount'>;

export const processes: ProcessPart = {} as ProcessPart;
