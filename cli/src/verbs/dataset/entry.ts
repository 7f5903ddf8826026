/** A dataset in a list, in the gateway's shape. */
export interface DatasetEntry {
  name: string;
  id: string;
  bucket: string;
  type: 'DATASET' | 'COLLECTION';
  user: string;
  created_date: string | null;
  last_created: string | null;
  last_version: number | null;
  /** Bytes that it takes in the store. */
  size: number;
  logical_size: number;
}

/** What a version was made from, as far as the gateway tells. */
export interface Provenance {
  workflow?: { name: string };
  task?: string;
  attempt?: number;
  outcome?: string;
  imageID?: string;
  inputs?: readonly { dataset?: string; version?: number; task?: string; url?: string }[];
}

export interface VersionEntry {
  version: number;
  status: string;
  created_by: string;
  created_date: string | null;
  last_used: string | null;
  size: number;
  stored_size: number;
  files: number;
  checksum: string;
  tags: readonly string[];
  collections: readonly string[];
  metadata: Record<string, unknown>;
  provenance: Provenance | null;
}

export interface DatasetInfo extends DatasetEntry {
  hash_location: string | null;
  labels: Record<string, unknown>;
  tags: Record<string, number>;
  members: readonly { name: string; version: number }[];
  versions: readonly VersionEntry[];
  more_entries: boolean;
}

/** Where versions can be read. */
export interface Download extends DatasetEntry {
  path: string;
  versions: readonly { name: string; version: number; manifest: string; files: number; size: number }[];
}

/** The answer to both steps of an upload. */
export interface Committed {
  version_id: number | null;
  name: string;
  bucket: string;
  path: string;
  base: { version: number; manifest: string } | null;
  tags: Record<string, number>;
}
