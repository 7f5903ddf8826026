import type { Verb } from '../../verb.ts';
import { create } from './create.ts';
import { deleteUser } from './delete.ts';
import { get } from './get.ts';
import { list } from './list.ts';
import { update } from './update.ts';

/** Commands of users, in the order of help and reference. */
export const userVerbs: readonly Verb[] = [list, create, get, update, deleteUser];
