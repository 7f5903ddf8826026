export { partsOf, readAll } from './bytes.ts';
export { checkFolder, checkKey } from './keys.ts';
export { parseStoreUrl, storeUrl, type FileLocation, type S3Location, type StoreLocation } from './location.ts';
export type * from './object-store.ts';
export { openStore, type OpenOptions } from './open-store.ts';
export type { Credentials } from './s3/client.ts';
export { isStoreError, StoreError, type StoreErrorReason } from './store-error.ts';
export * from './records/index.ts';
export * from './logs/index.ts';
