import type { Verb } from '../../verb.ts';
import { list } from './list.ts';

/** Commands of quotas, in the order of help and reference. */
export const quotaVerbs: readonly Verb[] = [list];
