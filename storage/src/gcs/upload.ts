import { createHash, randomBytes } from 'node:crypto';
import { isStoreError, StoreError } from '../store-error.ts';
import type { GcsService, JsonAnswer } from './service.ts';

/** All parts of a resumable upload but the last are multiples of this. */
export const partUnit = 256 * 1024;
/** Failures in a row of a part, without a byte between them. */
const attempts = 5;
const objectFields = 'generation,size,md5Hash';

export interface Upload {
  service: GcsService;
  /** Of the object in its bucket. */
  name: string;
  /** For errors. */
  url: string;
  /** Write only over this generation, '0' where there must be none. */
  generation: string | undefined;
  contentType: string | undefined;
  signal: AbortSignal | undefined;
}

export interface Uploaded {
  size: number;
  generation: string;
}

/** Uploads an object by one request; the service refuses it when its bytes aren't those of the MD5 that goes with it. */
export async function putWhole(upload: Upload, body: Uint8Array): Promise<Uploaded> {
  const boundary = randomBytes(16).toString('hex');
  const metadata = { ...metadataOf(upload), md5Hash: createHash('md5').update(body).digest('base64') };
  const head =
    `--${boundary}\r\ncontent-type: application/json; charset=utf-8\r\n\r\n${JSON.stringify(metadata)}\r\n` +
    `--${boundary}\r\ncontent-type: ${metadata.contentType}\r\n\r\n`;
  const { fields } = await upload.service.json({
    ...startOf(upload, 'multipart'),
    headers: { 'content-type': `multipart/related; boundary=${boundary}` },
    body: [Buffer.from(head), body, Buffer.from(`\r\n--${boundary}--\r\n`)],
  });
  return { size: body.byteLength, generation: generationIn(fields, upload.url) };
}

/**
 * Uploads an object part after part, in one session of the service: it is there when the last byte is, and a session that ended is forgotten
 * after a week and costs nothing. While a part is on its way the next one is read.
 *
 * @throws StoreError; what the body throws
 */
export async function putParts(upload: Upload, parts: AsyncIterable<Uint8Array>): Promise<Uploaded> {
  const { service, signal, url } = upload;
  const { headers } = await service.json({
    ...startOf(upload, 'resumable'),
    headers: { 'content-type': 'application/json; charset=utf-8' },
    body: [Buffer.from(JSON.stringify(metadataOf(upload)))],
  });
  const address = headers.location;
  if (address === undefined) throw new StoreError('Unavailable', url, 'began no upload: its answer has no Location');
  const session = new Session(upload, address);
  try {
    return await session.send(parts);
  } catch (error) {
    // Not by the caller's signal, which may be what ended us. The service answers 499 when it has forgotten the session.
    await service.session(address, { method: 'DELETE', signal: undefined, url }).catch(() => undefined);
    signal?.throwIfAborted();
    throw error;
  }
}

class Session {
  readonly #upload: Upload;
  readonly #address: string;
  readonly #hash = createHash('md5');

  constructor(upload: Upload, address: string) {
    this.#upload = upload;
    this.#address = address;
  }

  async send(parts: AsyncIterable<Uint8Array>): Promise<Uploaded> {
    const { url } = this.#upload;
    const source = parts[Symbol.asyncIterator]();
    let size = 0;
    let part = await source.next();
    try {
      while (part.done !== true && part.value.byteLength % partUnit === 0) {
        this.#hash.update(part.value);
        const [sent, next] = await Promise.allSettled([this.#put(size, part.value), source.next()]);
        if (next.status === 'rejected') throw next.reason;
        if (sent.status === 'rejected') throw sent.reason;
        size += part.value.byteLength;
        part = next.value;
      }
    } finally {
      await source.return?.();
    }
    const last = part.done === true ? new Uint8Array() : part.value;
    this.#hash.update(last);
    const total = size + last.byteLength;
    const answer = await this.#put(size, last, total);
    if (answer === undefined) throw new StoreError('Unavailable', url, `did not end its upload of ${total} bytes`);
    await this.#check(answer.fields);
    return { size: total, generation: generationIn(answer.fields, url) };
  }

  /** Sends a part, and goes on where the service says that it is. @returns the answer of the last part */
  async #put(offset: number, part: Uint8Array, total?: number): Promise<JsonAnswer | undefined> {
    const { url, signal, service } = this.#upload;
    const end = offset + part.byteLength;
    let at = offset;
    let isKnown = true;
    for (let failures = 0; ;) {
      const rest = isKnown ? part.subarray(at - offset) : new Uint8Array();
      const range = rest.byteLength === 0 ? '*' : `${at}-${end - 1}`;
      try {
        // One request after the other.
        // oxlint-disable-next-line no-await-in-loop
        const answer = await service.session(this.#address, {
          method: 'PUT',
          headers: { 'content-range': `bytes ${range}/${total ?? '*'}` },
          body: [rest],
          signal,
          url,
        });
        if (answer.status !== 308) return answer;
        const reached = reachedBy(answer);
        if (reached < offset || reached > end)
          throw new StoreError('Misconfigured', url, `has ${reached} bytes of its upload, which sent ${end}`);
        if (reached > at) failures = 0;
        else if (isKnown) throw new StoreError('Unavailable', url, `took none of ${end - at} bytes`);
        at = reached;
        isKnown = true;
        if (at === end && total === undefined) return undefined;
      } catch (error) {
        failures += 1;
        if (!isStoreError(error, 'Unavailable') || failures >= attempts) throw error;
        // What of it has arrived only the service knows.
        isKnown = false;
        // oxlint-disable-next-line no-await-in-loop
        await service.pause(failures, signal);
      }
    }
  }

  /** The bytes of a session have no checksum that the service could compare: it tells the one of what it has. */
  async #check(fields: Readonly<Record<string, unknown>>): Promise<void> {
    const { name, url, service } = this.#upload;
    const { md5Hash, generation } = fields;
    if (typeof md5Hash !== 'string' || md5Hash === this.#hash.digest('base64')) return;
    await service.json({
      method: 'DELETE',
      path: `/o/${encodeURIComponent(name)}`,
      query: { generation: String(generation) },
      signal: undefined,
      url,
    });
    throw new StoreError('Unavailable', url, 'was damaged on its way, and is deleted again');
  }
}

/** Bytes that the service has of an upload: `Range: bytes=0-41`, none without. */
function reachedBy({ headers }: JsonAnswer): number {
  const last = /^bytes=0-(\d+)$/.exec(headers.range ?? '')?.[1];
  return last === undefined ? 0 : Number(last) + 1;
}

const metadataOf = ({ contentType = 'application/octet-stream' }: Upload) => ({ contentType });

function startOf({ name, url, generation, signal }: Upload, uploadType: 'multipart' | 'resumable') {
  const query = { uploadType, name, fields: objectFields, ifGenerationMatch: generation };
  return { method: 'POST' as const, path: '/o', upload: true, query, signal, url };
}

function generationIn({ generation }: Readonly<Record<string, unknown>>, url: string): string {
  if (typeof generation === 'string' && generation !== '') return generation;
  throw new StoreError('Unavailable', url, 'was stored without an answer that names its generation');
}
