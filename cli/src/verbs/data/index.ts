import type { Verb } from '../../verb.ts';
import { check } from './check.ts';
import { deleteData } from './delete.ts';
import { download } from './download.ts';
import { list } from './list.ts';
import { upload } from './upload.ts';

/** Commands about what is at a URL, in the order of help and reference. */
export const dataVerbs: readonly Verb[] = [upload, download, list, deleteData, check];
