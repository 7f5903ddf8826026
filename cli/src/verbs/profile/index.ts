import type { Verb } from '../../verb.ts';
import { list } from './list.ts';
import { set } from './set.ts';

/** Commands of the profile, in the order of help and reference. */
export const profileVerbs: readonly Verb[] = [list, set];
