import type { Verb } from '../../verb.ts';
import { list } from './list.ts';

/** Commands of pools, in the order of help and reference. */
export const poolVerbs: readonly Verb[] = [list];
