import type { Verb } from '../../verb.ts';
import { deleteToken } from './delete.ts';
import { list } from './list.ts';
import { roles } from './roles.ts';
import { set } from './set.ts';

/** Commands of access tokens, in the order of help and reference. */
export const tokenVerbs: readonly Verb[] = [set, list, roles, deleteToken];
