import type { Verb } from '../../verb.ts';
import { create } from './create.ts';
import { deleteApp } from './delete.ts';
import { info } from './info.ts';
import { list } from './list.ts';
import { rename } from './rename.ts';
import { show } from './show.ts';
import { spec } from './spec.ts';
import { submit } from './submit.ts';
import { update } from './update.ts';

/** Commands of apps, in the order of help and reference. */
export const appVerbs: readonly Verb[] = [create, update, info, show, spec, list, submit, rename, deleteApp];
