import { createHash, randomBytes } from 'node:crypto';
import type { BlobRequestConditions, BlockBlobClient } from '@azure/storage-blob';
import { type PartSlots, sendParts } from '../send-parts.ts';
import { StoreError } from '../store-error.ts';

/** Azure's bound. */
const mostBlocks = 50_000;

export interface Upload {
  blob: BlockBlobClient;
  /** For errors. */
  url: string;
  conditions: BlobRequestConditions;
  contentType: string | undefined;
  signal: AbortSignal | undefined;
}

const md5Of = (body: Uint8Array): Uint8Array => createHash('md5').update(body).digest();

const headersOf = (contentType: string | undefined) => ({
  ...(contentType !== undefined && { blobHTTPHeaders: { blobContentType: contentType } }),
});
const abortOf = (signal: AbortSignal | undefined) => ({ ...(signal !== undefined && { abortSignal: signal }) });

/** Uploads an object that fits in one request. */
export async function putWhole(upload: Upload, body: Uint8Array): Promise<{ size: number; etag: string }> {
  const { blob, conditions, contentType, signal } = upload;
  const { etag = '' } = await blob.upload(body, body.byteLength, {
    conditions,
    // The service refuses a body that was damaged on its way.
    transactionalContentMD5: md5Of(body),
    ...headersOf(contentType),
    ...abortOf(signal),
  });
  return { size: body.byteLength, etag };
}

/**
 * Uploads an object in blocks. Nothing is seen of them until all are committed; those of an upload that ended are forgotten
 * by the service after a week.
 */
export async function putBlocks(
  upload: Upload,
  blocks: AsyncIterable<Uint8Array>,
  slots: PartSlots,
): Promise<{ size: number; etag: string }> {
  const { blob, url, conditions, contentType, signal } = upload;
  // Of this upload alone: others may be uploading blocks of the same object.
  const name = randomBytes(8).toString('hex');
  const { size, sent } = await sendParts(blocks, { slots, signal }, async (block, index, abortSignal) => {
    if (index >= mostBlocks) {
      throw new StoreError('Misconfigured', url, `is larger than ${mostBlocks} parts of ${block.byteLength} bytes`);
    }
    const id = Buffer.from(`${name}-${String(index).padStart(6, '0')}`).toString('base64');
    await blob.stageBlock(id, block, block.byteLength, { transactionalContentMD5: md5Of(block), abortSignal });
    return id;
  });
  const { etag = '' } = await blob.commitBlockList(sent, { conditions, ...headersOf(contentType), ...abortOf(signal) });
  return { size, etag };
}
