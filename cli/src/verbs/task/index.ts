import type { Verb } from '../../verb.ts';
import { list } from './list.ts';

/** Commands of tasks, in the order of help and reference. */
export const taskVerbs: readonly Verb[] = [list];
