import type { Verb } from '../../verb.ts';
import { create, deleteBucket, update } from './change.ts';
import { list } from './list.ts';

/** Commands of buckets, in the order of help and reference. */
export const bucketVerbs: readonly Verb[] = [list, create, update, deleteBucket];
