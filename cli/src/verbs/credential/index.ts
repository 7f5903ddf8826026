import type { Verb } from '../../verb.ts';
import { deleteCredential } from './delete.ts';
import { list } from './list.ts';
import { set } from './set.ts';

/** Commands of credentials, in the order of help and reference. */
export const credentialVerbs: readonly Verb[] = [set, list, deleteCredential];
