import type { Verb } from '../../verb.ts';
import { cat } from './cat.ts';
import { label, metadata, rename, tag } from './change.ts';
import { check } from './check.ts';
import { checksum } from './checksum.ts';
import { collect, recollect } from './collect.ts';
import { deleteDataset } from './delete.ts';
import { diff } from './diff.ts';
import { download } from './download.ts';
import { gc } from './gc.ts';
import { info } from './info.ts';
import { inspect } from './inspect.ts';
import { list } from './list.ts';
import { log } from './log.ts';
import { query } from './query.ts';
import { update } from './update.ts';
import { upload } from './upload.ts';
import { verify } from './verify.ts';

/** Commands of datasets, in the order of help and reference. */
export const datasetVerbs: readonly Verb[] = [
  upload,
  download,
  update,
  info,
  list,
  inspect,
  cat,
  diff,
  log,
  query,
  tag,
  label,
  metadata,
  rename,
  collect,
  recollect,
  deleteDataset,
  checksum,
  check,
  verify,
  gc,
];
