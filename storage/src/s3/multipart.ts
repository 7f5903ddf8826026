import { createHash } from 'node:crypto';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  type CompletedPart,
  CreateMultipartUploadCommand,
  HeadObjectCommand,
  PutObjectCommand,
  type S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { type PartSlots, sendParts } from '../send-parts.ts';
import { StoreError } from '../store-error.ts';

/** S3's bound. */
const mostParts = 10_000;

/** Where an object goes, in the SDK's words. */
export interface Target {
  Bucket: string;
  Key: string;
}

export interface Upload {
  client: S3Client;
  target: Target;
  /** For errors. */
  url: string;
  ifAbsent: boolean;
  ifMatch: string | undefined;
  contentType: string | undefined;
  signal: AbortSignal | undefined;
}

/** Base64, for Content-MD5: the service refuses a body that was damaged on its way. */
export function md5Of(body: Uint8Array): string {
  return createHash('md5').update(body).digest('base64');
}

/** Uploads an object that fits in one request. */
export async function putWhole(upload: Upload, body: Uint8Array): Promise<{ size: number; etag: string }> {
  const { client, target, contentType, signal } = upload;
  const { ETag = '' } = await client.send(
    new PutObjectCommand({
      ...target,
      Body: body,
      ContentLength: body.byteLength,
      ContentMD5: md5Of(body),
      ...(contentType !== undefined && { ContentType: contentType }),
      ...conditionsOf(upload),
    }),
    { ...(signal !== undefined && { abortSignal: signal }) },
  );
  return { size: body.byteLength, etag: ETag };
}

const conditionsOf = ({ ifAbsent, ifMatch }: Upload) => ({
  ...(ifAbsent && { IfNoneMatch: '*' }),
  ...(ifMatch !== undefined && { IfMatch: ifMatch }),
});

/**
 * Uploads an object in parts. On any failure nothing is left.
 *
 * @throws what the service or the body throws; StoreError Misconfigured for more than 10,000 parts
 */
export async function putParts(
  upload: Upload,
  parts: AsyncIterable<Uint8Array>,
  slots: PartSlots,
): Promise<{ size: number; etag: string }> {
  const { client, target, contentType, signal } = upload;
  const options = { ...(signal !== undefined && { abortSignal: signal }) };
  const { UploadId = '' } = await client.send(
    new CreateMultipartUploadCommand({ ...target, ...(contentType !== undefined && { ContentType: contentType }) }),
    options,
  );
  try {
    const { size, done } = await sendAll(upload, UploadId, parts, slots);
    return { size, etag: await complete(upload, UploadId, done) };
  } catch (error) {
    // Not by the caller's signal: that may be what ended us. What is left after this fails, the bucket's lifecycle takes.
    await client.send(new AbortMultipartUploadCommand({ ...target, UploadId })).catch(() => undefined);
    throw error;
  }
}

/** Makes an object of the parts. */
async function complete(upload: Upload, UploadId: string, done: CompletedPart[]): Promise<string> {
  const { client, target, signal } = upload;
  const options = { ...(signal !== undefined && { abortSignal: signal }) };
  const MultipartUpload = { Parts: done };
  try {
    const { ETag = '' } = await client.send(
      new CompleteMultipartUploadCommand({ ...target, UploadId, MultipartUpload, ...conditionsOf(upload) }),
      options,
    );
    return ETag;
  } catch (error) {
    if ((error as Error).name !== 'NoSuchUpload') throw error;
    // It may have been completed by an attempt whose answer was lost: then the object is the one of these very parts.
    const { ETag } = await client.send(new HeadObjectCommand(target), options);
    if (ETag === undefined || bare(ETag) !== etagOf(done)) throw error;
    return ETag;
  }
}

const bare = (etag = ''): string => etag.replaceAll('"', '');

/** The etag that services give to an object of these parts, where those of the parts are their MD5. */
function etagOf(done: readonly CompletedPart[]): string {
  const hash = createHash('md5');
  for (const { ETag } of done) hash.update(Buffer.from(bare(ETag), 'hex'));
  return `${hash.digest('hex')}-${done.length}`;
}

async function sendAll(
  { client, target, url, signal }: Upload,
  UploadId: string,
  parts: AsyncIterable<Uint8Array>,
  slots: PartSlots,
): Promise<{ size: number; done: CompletedPart[] }> {
  const { size, sent } = await sendParts(parts, { slots, signal }, async (part, index, abortSignal) => {
    const PartNumber = index + 1;
    if (PartNumber > mostParts) {
      throw new StoreError('Misconfigured', url, `is larger than ${mostParts} parts of ${part.byteLength} bytes`);
    }
    const { ETag = '' } = await client.send(
      new UploadPartCommand({
        ...target,
        UploadId,
        PartNumber,
        Body: part,
        ContentLength: part.byteLength,
        ContentMD5: md5Of(part),
      }),
      { abortSignal },
    );
    return { PartNumber, ETag };
  });
  return { size, done: sent };
}
