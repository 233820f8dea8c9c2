import { isMain } from 'polyproc';
import { idleMemory } from '../../idle-memory.ts';
import { report } from '../../measure.ts';

if (isMain(import.meta)) report((await idleMemory('spawn')).pss);
