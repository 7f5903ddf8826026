const text = { type: 'string' } as const;
const textOrNull = { type: ['string', 'null'] } as const;
const time = { type: ['string', 'null'], description: 'UTC without a zone mark.' } as const;
const flag = { type: 'boolean' } as const;
const bytes = { type: 'integer', minimum: 0, description: 'Bytes.' } as const;
const count = { type: 'integer', minimum: 0 } as const;
const number = { type: 'integer', minimum: 1, maximum: 2 ** 31 - 1 } as const;
const json = { type: 'object', description: 'Any JSON.' } as const;
const digest = { type: 'string', pattern: '^[a-z0-9]{1,15}:[0-9a-f]{32,128}$', maxLength: 144 } as const;
const object = (properties: Record<string, object>) =>
  ({ type: 'object', properties, required: Object.keys(properties) }) as const;
const body = (properties: Record<string, object>, required: readonly string[] = []) =>
  ({ type: 'object', properties, required, additionalProperties: false }) as const;
const listOf = (items: object) => ({ type: 'array', items }) as const;
const mapOf = (additionalProperties: object) => ({ type: 'object', additionalProperties }) as const;

const bucket = {
  path: text,
  region: text,
  description: text,
  mode: { type: 'string', enum: ['read-write', 'read-only'] },
  default_cred: flag,
  name: text,
  namespace: text,
  credential: textOrNull,
  created_date: time,
  ready: { type: ['boolean', 'null'] },
  message: text,
  datasets: count,
  versions: count,
  size: bytes,
  stored_size: bytes,
};
const type = { type: 'string', enum: ['DATASET', 'COLLECTION'] } as const;
const dataset = {
  name: text,
  id: text,
  bucket: text,
  namespace: text,
  type,
  is_collection: flag,
  user: text,
  created_date: time,
  last_created: time,
  last_version: { type: ['integer', 'null'] },
  size: bytes,
  logical_size: bytes,
};
const version = {
  name: text,
  version: number,
  status: { type: 'string', enum: ['READY', 'PENDING_DELETE'] },
  created_by: text,
  created_date: time,
  last_used: time,
  size: bytes,
  stored_size: bytes,
  files: count,
  checksum: digest,
  tags: listOf(text),
  collections: listOf(text),
  metadata: json,
  provenance: { type: ['object', 'null'] },
};
const member = { name: text, id: text, version: number, manifest: digest, files: count, size: bytes };
const changed = object({ name: text, bucket: text, tags: mapOf(number), labels: json, metadata: json });

/** Schemas of bodies and answers about buckets and datasets. */
export const datasetSchemas = {
  bucket: object(bucket),
  buckets: object({ buckets: mapOf(object(bucket)), default: textOrNull }),
  newBucket: body(
    {
      url: { type: 'string', minLength: 1, maxLength: 1024 },
      description: { type: 'string', maxLength: 1024 },
      credential: { type: 'string', maxLength: 253 },
      mode: { type: 'string', enum: ['read-write', 'read-only'] },
      default: flag,
    },
    ['url'],
  ),
  bucketChange: body({
    description: { type: 'string', maxLength: 1024 },
    credential: { type: ['string', 'null'], maxLength: 253 },
    mode: { type: 'string', enum: ['read-write', 'read-only'] },
    default: flag,
  }),
  deletedBucket: object({ name: text, path: text }),
  location: object({ path: text, region: text, mode: bucket.mode, credential: textOrNull }),
  manifests: object({ manifests: listOf(digest) }),
  list: object({ datasets: listOf(object(dataset)), more_entries: flag }),
  info: object({
    ...dataset,
    hash_location: textOrNull,
    labels: json,
    tags: mapOf(number),
    members: listOf(object({ name: text, version: number })),
    versions: listOf(object(version)),
    more_entries: flag,
  }),
  download: object({ ...dataset, path: text, credential: textOrNull, versions: listOf(object(member)) }),
  found: object({
    type: { type: 'string', enum: ['DATASET', 'VERSION'] },
    datasets: listOf({ type: 'object', properties: { ...dataset, version: object(version) } }),
  }),
  commit: body({
    manifest: digest,
    files: count,
    size: bytes,
    stored_size: bytes,
    description: { type: 'string', maxLength: 4096 },
    metadata: json,
    labels: json,
    tags: { type: 'array', items: { type: 'string' }, maxItems: 64 },
    base_version: number,
  }),
  committed: object({
    version_id: { type: ['integer', 'null'] },
    name: text,
    bucket: text,
    path: text,
    credential: textOrNull,
    base: { type: ['object', 'null'] },
    labels: json,
    tags: mapOf(number),
  }),
  deleted: object({ versions: listOf(number), deleted_dataset: flag }),
  change: body({ set_label: json, set_metadata: json }),
  changed,
  collected: object({ name: text, bucket: text, members: listOf(object({ name: text, version: number })) }),
  contents: listOf(
    object({
      relative_path: text,
      storage_path: text,
      url: text,
      size: bytes,
      etag: digest,
      kind: { type: 'string', enum: ['file', 'link', 'folder'] },
      mode: { type: 'integer', description: 'Permission bits.' },
      target: textOrNull,
    }),
  ),
  provenance: object({
    versions: listOf(
      object({
        dataset: text,
        name: text,
        version: number,
        created_date: time,
        created_by: text,
        provenance: { type: ['object', 'null'] },
      }),
    ),
    edges: listOf(object({ from: text, to: text })),
    truncated: flag,
  }),
} as const;
