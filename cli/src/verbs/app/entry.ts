/** An app in a list, in upstream's shape. */
export interface AppEntry {
  uuid: string;
  owner?: string | null;
  name: string;
  description?: string | null;
  created_date: string | null;
  latest_version?: number | null;
  /** Ours alone. */
  namespace?: string | null;
}

export interface AppVersionEntry {
  version: number;
  created_by?: string | null;
  created_date: string | null;
  status?: string | null;
}

/** An app with its versions, in upstream's shape. */
export interface AppDetail extends Omit<AppEntry, 'latest_version'> {
  versions: readonly AppVersionEntry[];
}
