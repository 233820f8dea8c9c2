import { idleMemory } from '../../idle-memory.ts';
import { report } from '../../measure.ts';

report((await idleMemory('spawn')).private);
