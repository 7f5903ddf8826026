export { BytePool } from './byte-pool.ts';
export { type Change, diff } from './diff.ts';
export { openRepository } from './open-repository.ts';
export { isRepositoryError, RepositoryError, type RepositoryErrorReason } from './repository-error.ts';
export type * from './types.ts';
