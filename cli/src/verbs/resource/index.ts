import type { Verb } from '../../verb.ts';
import { info } from './info.ts';
import { list } from './list.ts';

/** Commands of resources, in the order of help and reference. */
export const resourceVerbs: readonly Verb[] = [list, info];
