import type { Bucket, DatasetVersion } from '@osmo/crds';
import type { FileInfo } from '@osmo/storage/repository';
import type { Dependencies } from '../../dependencies.ts';
import { baseUrlOf } from '../../http/base-url.ts';
import { badRequest, notFound } from '../../http/errors.ts';
import { type Call, type Operation, operation } from '../../http/operation.ts';
import { findDataset, versionOf } from '../find.ts';
import { datasetSchemas } from '../schemas.ts';
import { keyFor } from './key.ts';
import { type OpenVersion, openVersion, storeProblem } from './open-version.ts';
import { partOf } from './part.ts';
import { presentationOf } from './presentation.ts';
import { Readers } from './readers.ts';

/** How long somebody who reads a list or a file may take nothing of it. */
const stallMs = 60_000;
const longestPath = 4096;
const version = { type: 'text', description: 'A number, a tag or `latest`, which is the default.' } as const;

/** A version that is being read for a caller. */
interface Reading extends OpenVersion {
  bucket: Bucket;
  found: DatasetVersion;
}

/** The list of files of a version, and files, of the store: the only bytes of datasets that come by the gateway. */
export function contentOperations(dependencies: Dependencies): Operation[] {
  const { access, own, outgoing, publicUrl } = dependencies;
  const readers = new Readers();

  /** Opens a version for somebody who may read its files. Whoever calls closes it. */
  async function open({ caller, params, signal }: Call, written: string | undefined): Promise<Reading> {
    const all = await findDataset(dependencies, caller, params);
    const { dataset, bucket, ref } = all;
    const { namespace } = ref;
    const name = dataset.metadata.name;
    await access.demand(caller, { verb: 'get', resource: 'datasets', subresource: 'content', namespace, name });
    if (dataset.spec.type === 'Collection')
      throw badRequest(`${dataset.spec.name} is a collection; name one of the datasets that it holds`);
    const found = versionOf(all, written);
    if (bucket === undefined) throw notFound(`bucket ${params['bucket']} is gone; nobody can tell where its data is`);
    const end = readers.begin(caller.user);
    try {
      const key = await keyFor(bucket, { asCaller: dependencies.as(caller), own }, signal);
      const opened = await openVersion(bucket, { outgoing, access: key, manifest: found.spec.manifest, signal });
      const close = async (): Promise<void> => {
        end();
        await opened.close();
      };
      return { version: opened.version, close, bucket, found };
    } catch (error) {
      end();
      throw error;
    }
  }

  return [
    operation({
      id: 'getDatasetManifest',
      action: 'dataset:Read',
      method: 'get',
      path: '/api/bucket/{bucket}/dataset/{name}/manifest',
      tag: 'Datasets',
      summary: 'Lists the files of a version',
      description:
        'As they are found, in the order of paths. With `limit` it is a page: the next one is behind the last path of it. Links and empty folders are entries, too.',
      parameters: {
        version,
        prefix: { type: 'text', description: 'Only paths that begin with it.', maxLength: longestPath },
        after: { type: 'text', description: 'Only paths behind this one.', maxLength: longestPath },
        limit: { type: 'integer', description: 'Most entries; all when not given.', minimum: 1, maximum: 1_000_000 },
      },
      answer: { description: 'Files.', schema: datasetSchemas.contents },
      async handle(call) {
        const { query, params, headers, signal, isHead } = call;
        const reading = await open(call as unknown as Call, query.version);
        const { bucket, found } = reading;
        if (isHead === true) {
          await reading.close();
          return { stream: nothing(), type: 'application/json' };
        }
        const place = `${baseUrlOf(headers, publicUrl)}/api/bucket/${encodeURIComponent(params['bucket'] ?? '')}/dataset/${encodeURIComponent(params['name'] ?? '')}/file-content`;
        const { prefix, after, limit } = query;
        const files = reading.version.list({ prefix, after, limit, signal });
        const entry = (file: FileInfo): object => entryOf(file, found.spec.version, place);
        const stream = closing(jsonArray(files, entry), reading, (error) => storeProblem(bucket, error, signal));
        return { stream, type: 'application/json', stallMs };
      },
    }),
    operation({
      id: 'getDatasetFile',
      action: 'dataset:Read',
      method: 'get',
      path: '/api/bucket/{bucket}/dataset/{name}/file-content',
      tag: 'Datasets',
      summary: 'Reads a file of a version, or a part of it',
      description:
        'By `path` and `version`, or by the `storage_path` of a manifest. Takes `Range` (206), `If-Range` and `If-None-Match` (304); HEAD tells size and tag. Only what is asked for is read from the store. A browser shows pictures, videos and texts, and keeps everything else.',
      parameters: {
        path: { type: 'text', description: 'Of the file in the version.', maxLength: longestPath },
        version,
        storage_path: {
          type: 'text',
          description: 'Instead of both: number of the version, a slash, and the path.',
          maxLength: longestPath + 16,
        },
        filename: { type: 'text', description: 'Name for whoever keeps it; that of the path when not given.' },
      },
      answer: { description: 'Bytes.', type: 'application/octet-stream' },
      async handle(call) {
        const { query, headers, signal, isHead } = call;
        const wanted = wantedFile(query);
        const reading = await open(call as unknown as Call, wanted.version);
        const { bucket } = reading;
        const told = (error: unknown): Promise<unknown> => storeProblem(bucket, error, signal);
        try {
          const file = fileOf(await reading.version.find(wanted.path), wanted.path);
          const tag = `"${file.digest.replace(':', '-')}"`;
          const part = partOf(isHead === true ? { ...headers, range: undefined } : headers, tag, file.size);
          const kept = { etag: tag, 'cache-control': 'private, no-cache' };
          if (part.status === 304) {
            await reading.close();
            return { text: '', status: 304, headers: kept };
          }
          const { offset, length, status } = part;
          const { type, headers: safe } = presentationOf(query.filename ?? wanted.path);
          const answer = {
            type,
            status,
            stallMs,
            headers: {
              ...{ ...safe, ...kept, 'accept-ranges': 'bytes', 'content-length': String(length) },
              ...(status === 206 && { 'content-range': `bytes ${offset}-${offset + length - 1}/${file.size}` }),
            },
          };
          if (isHead === true || length === 0) {
            await reading.close();
            return { ...answer, stream: nothing() };
          }
          const bytes = reading.version.read(wanted.path, { offset, length, signal });
          return { ...answer, stream: closing(bytes, reading, told) };
        } catch (error) {
          await reading.close();
          throw await told(error);
        }
      },
    }),
  ];
}

/** Which file is meant. @throws RequestError 400 */
export function wantedFile({
  path,
  version: written,
  storage_path: stored,
}: Partial<Record<'path' | 'version' | 'storage_path', string | undefined>>): {
  path: string;
  version: string | undefined;
} {
  if (stored === undefined) {
    if (path === undefined) throw badRequest('path: must be given, or storage_path as it stands in a manifest');
    return { path, version: written };
  }
  const [, number, rest = ''] = /^(\d{1,10})\/(.+)$/s.exec(stored) ?? [];
  if (path !== undefined || written !== undefined)
    throw badRequest('storage_path: names version and path; leave out path and version');
  if (number === undefined)
    throw badRequest('storage_path: must be the number of a version, a slash and the path of a file, as in a manifest');
  return { path: rest, version: number };
}

/** @throws RequestError 404 when it is no file */
function fileOf(file: FileInfo | undefined, path: string): FileInfo {
  if (file?.kind === 'file') return file;
  const what =
    file === undefined
      ? 'is none of its files'
      : `is a ${file.kind}${file.kind === 'link' ? ` to ${JSON.stringify(file.target)}` : ''}`;
  throw notFound(`path ${JSON.stringify(path)}: ${what}; …/manifest lists them`);
}

/** One file in upstream's shape, and with what ours has beyond. */
function entryOf({ path, kind, size, mode, digest, target }: FileInfo, number: number, place: string): object {
  const query = `?version=${number}&path=${encodeURIComponent(path)}`;
  return {
    relative_path: path,
    storage_path: `${number}/${path}`,
    url: kind === 'file' ? `${place}${query}` : '',
    size,
    etag: digest,
    kind,
    mode,
    target: target ?? null,
  };
}

/** Characters that are sent at once. */
const pieceLength = 64 * 1024;

/** The text of an array, piece by piece. */
async function* jsonArray<T>(items: AsyncIterable<T>, shown: (item: T) => object): AsyncGenerator<string> {
  let text = '[';
  let isFirst = true;
  for await (const item of items) {
    text += `${isFirst ? '' : ','}${JSON.stringify(shown(item))}`;
    isFirst = false;
    if (text.length < pieceLength) continue;
    yield text;
    text = '';
  }
  yield `${text}]`;
}

/** A stream behind which a version is closed, however it ends. It must be begun. */
async function* closing<T>(
  stream: AsyncIterable<T>,
  reading: OpenVersion,
  told: (error: unknown) => Promise<unknown>,
): AsyncGenerator<T> {
  try {
    yield* stream;
  } catch (error) {
    throw await told(error);
  } finally {
    await reading.close();
  }
}

async function* nothing(): AsyncGenerator<Uint8Array> {
  // A file without bytes, or one that only the headers are asked of.
}
