/** Files that were moved, and their size. */
export interface Moved {
  files: number;
  bytes: number;
}

/** What was downloaded. */
export interface InputResult extends Moved {
  /** RFC 3339. */
  start: string;
  end: string;
}

/** A version that was written. */
export interface VersionResult extends Moved {
  /** Absent when there was nothing to write. */
  manifest?: string;
  /** Bytes that it added to the store. */
  stored?: number;
}

/** What became of one output. */
export interface OutputResult extends VersionResult {
  index: number;
  metadata?: Record<string, unknown>;
  labels?: Record<string, unknown>;
  /** Metadata and labels were too large to be told. */
  omitted?: 'TooLarge';
}

/** What a runtime container says at its end, in its termination message. */
export interface TransferResult {
  version: 1;
  input?: InputResult;
  output?: VersionResult;
  outputs?: OutputResult[];
  /** Exit code of the container, when it failed. */
  code?: number;
  message?: string;
}

/** Bytes of a termination message that the kubelet keeps. */
const limit = 4096;
const shortMessage = 512;

/** The result in at most 4096 bytes: metadata and labels go first when there isn't room, then a part of the message. */
export function encodeResult(result: TransferResult): string {
  const whole = JSON.stringify(result);
  if (fits(whole)) return whole;
  const outputs = result.outputs?.map(({ metadata, labels, ...rest }): OutputResult => {
    return metadata === undefined && labels === undefined ? rest : { ...rest, omitted: 'TooLarge' };
  });
  const less = { ...result, ...(outputs !== undefined && { outputs }) };
  const smaller = JSON.stringify(less);
  if (fits(smaller)) return smaller;
  const message = result.message?.slice(0, shortMessage);
  const short = JSON.stringify({ ...less, ...(message !== undefined && { message }) });
  if (fits(short)) return short;
  // 64 outputs of full length: their manifests are what counts.
  const bare = outputs?.map(({ index, manifest, files, bytes, omitted }) => ({
    index,
    manifest,
    files,
    bytes,
    omitted,
  }));
  const last = JSON.stringify({ ...less, ...(message !== undefined && { message }), outputs: bare });
  return fits(last) ? last : JSON.stringify({ version: 1, code: 40, message: 'the result is too large to be told' });
}

/** Reads a termination message; undefined when it is none of ours, as that of a container that was killed. */
export function parseResult(text: string | undefined): TransferResult | undefined {
  if (text === undefined || !text.startsWith('{')) return undefined;
  try {
    const result = JSON.parse(text) as TransferResult;
    return result.version === 1 ? result : undefined;
  } catch {
    return undefined;
  }
}

function fits(text: string): boolean {
  return Buffer.byteLength(text) <= limit;
}
