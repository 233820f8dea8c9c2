import { worker } from 'workerpool';
import { addOne } from './task.ts';

worker({ addOne });
