import { gunzipSync, gzipSync } from 'node:zlib';

/** Intermediate storage, and what opens it. */
export interface StorePlan {
  /** URL of the store, without credentials. */
  url: string;
  /** Variables that a driver reads its credentials from; empty: what the pod is allowed by itself. */
  environment: Record<string, string>;
  /** How fast each container may use it, on average; absent: as fast as it can. */
  rateLimit?: { bytesPerSecond?: number | undefined; requestsPerSecond?: number | undefined };
}

/** Where a transfer finds its credential: a folder of `MountPaths.credentials`, or that of intermediate storage. */
export interface Access {
  /** URL of the store or repository. */
  url: string;
  /** Name of the folder with the fields of a data credential; it may be empty. */
  credential?: string;
  /** It is in intermediate storage, and opened as that is. */
  intermediate?: true;
}

/** Objects below a URL. */
export interface UrlInput extends Access {
  kind: 'url';
  index: number;
  regex?: string;
}

/** A version of a repository, or a part of it. */
export interface VersionInput extends Access {
  kind: 'version';
  index: number;
  manifest: string;
  path?: string;
  regex?: string;
  /** Folder below that of the input. */
  folder?: string;
  /** For people: the task or dataset that it is of. */
  name: string;
}

export type InputPlan = UrlInput | VersionInput;

/** The output folder goes to a URL, file by file. */
export interface UrlOutput extends Access {
  kind: 'url';
  index: number;
  regex?: string;
}

/** The output folder, or parts of it, become a version of a dataset. */
export interface VersionOutput extends Access {
  kind: 'version';
  index: number;
  /** Version that the files are added to. */
  base?: string;
  /** Paths below the output folder; the whole when there are none. */
  paths: string[];
  regex?: string;
  /** YAML files below the output folder. */
  metadata: string[];
  labels: string[];
  name: string;
}

export type OutputPlan = UrlOutput | VersionOutput;

/** A folder that is uploaded again and again. */
export interface CheckpointPlan extends Access {
  index: number;
  /** As the command sees it: absolute, without '..'. */
  path: string;
  /** Pause between the end of one upload and the start of the next. */
  seconds: number;
  regex?: string;
}

/** What is to be moved for one pod. */
export interface TransferPlan {
  version: 1;
  store?: StorePlan;
  /** In the order in which they are downloaded. */
  inputs: InputPlan[];
  /** Repository in intermediate storage that the output folder goes to. */
  keep?: string;
  /** Paths below the output folder that go there; the whole when there are none. */
  keepPaths?: string[];
  outputs: OutputPlan[];
  checkpoints: CheckpointPlan[];
}

/** Where a pod's runtime containers find what concerns them. */
export const MountPaths = {
  plan: '/run/osmo/plan',
  credentials: '/run/osmo/credentials',
  /** Where the command has it, too. */
  output: '/osmo/data/output',
  /**
   * Folders of checkpoints that aren't in the output, each at its path below this one: at that path itself the command's files
   * would lie over this container's own, or its secrets among the command's files.
   */
  checkpoints: '/run/osmo/checkpoints',
  /** The only place in their containers that they write to, beside the folders of inputs. */
  scratch: '/tmp',
} as const;

/** Key of the Secret, and so name of the file, that holds the plan. */
export const planKey = 'plan.json.gz';

/** The plan as it is stored: JSON in gzip, always the same for the same plan. */
export function encodePlan(plan: TransferPlan): Buffer {
  return gzipSync(JSON.stringify(plan));
}

/**
 * Reads a stored plan.
 *
 * @throws RangeError when it isn't one that this version understands
 */
export function decodePlan(bytes: Uint8Array): TransferPlan {
  let plan: TransferPlan;
  try {
    plan = JSON.parse(gunzipSync(bytes).toString('utf8')) as TransferPlan;
  } catch (error) {
    throw new RangeError(`plan of transfers: ${(error as Error).message}`, { cause: error });
  }
  if (plan.version === 1) return plan;
  throw new RangeError(`plan of transfers: version ${JSON.stringify(plan.version)}: this runtime reads version 1`);
}
