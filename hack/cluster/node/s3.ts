import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Layout } from './layout.ts';

/** Port of the S3 server, on the node's address. */
export const s3Port = 7070;
/** The only one that the server takes. */
export const s3Region = 'local-1';
/** The bucket that is there from the start. */
export const s3Bucket = 'osmo';

/** Credentials of the S3 server's owner. */
export interface S3Keys {
  accessKeyId: string;
  secretAccessKey: string;
}

/** An S3 server that belongs to a cluster. */
export interface S3Site {
  /** Base URL, for pods and for this machine. */
  endpoint: string;
  region: string;
  bucket: string;
  keys: S3Keys;
}

/** Folders of the server, and keys that stay the same as long as the cluster lives. */
export function ensureS3(layout: Pick<Layout, 'pki' | 'data'>): S3Keys {
  for (const folder of ['attributes', `buckets/${s3Bucket}`]) {
    mkdirSync(join(layout.data, 's3', folder), { recursive: true });
  }
  const file = join(layout.pki, 's3.json');
  if (!existsSync(file)) {
    const keys: S3Keys = {
      accessKeyId: randomBytes(10).toString('hex'),
      secretAccessKey: randomBytes(20).toString('hex'),
    };
    mkdirSync(layout.pki, { recursive: true });
    writeFileSync(`${file}.part`, JSON.stringify(keys), { mode: 0o600 });
    renameSync(`${file}.part`, file);
  }
  return JSON.parse(readFileSync(file, 'utf8')) as S3Keys;
}

/** A shell file that exports how the server is reached. */
export function s3Environment({ endpoint, region, bucket, keys }: S3Site): string {
  return `export OSMO_S3_ENDPOINT='${endpoint}'
export OSMO_S3_REGION='${region}'
export OSMO_S3_BUCKET='${bucket}'
export OSMO_S3_ACCESS_KEY_ID='${keys.accessKeyId}'
export OSMO_S3_SECRET_ACCESS_KEY='${keys.secretAccessKey}'
`;
}
