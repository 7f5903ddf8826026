export { collectSeldom } from './collect-seldom.ts';
export { downloadTree } from './download.ts';
export { openPlace } from './open-place.ts';
export { pathFilter } from './path-filter.ts';
export { type Problem, TransferError } from './tally.ts';
export type * from './types.ts';
export { type Source, type SourceFile, type UploadOptions, uploadTree } from './upload.ts';
