import { createHash } from 'node:crypto';
import { S3Client, type S3ClientConfig } from '@aws-sdk/client-s3';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import type { Credentials } from '../credentials.ts';
import { fetchHandler, type StoreFetch } from './fetch-handler.ts';
import type { S3Target } from './services.ts';

export interface S3ClientOptions {
  /** Absent: what the environment gives (variables, files, web identity, instance role). */
  credentials?: Credentials | undefined;
  environment: Readonly<Record<string, string | undefined>>;
  /** Makes the requests; absent: connections of its own. */
  fetch?: StoreFetch | undefined;
}

const connectMs = 5_000;
/** Without a single byte. */
const silenceMs = 60_000;
const maxSockets = 64;

/** A client of one location that speaks in the way every S3-compatible service understands. */
export function newClient(
  location: Pick<S3Target, 'endpoint' | 'region' | 'pathStyle'>,
  options: S3ClientOptions,
): S3Client {
  const { environment, credentials, fetch } = options;
  const variable = environment['AWS_ENDPOINT_URL_S3'] || environment['AWS_ENDPOINT_URL'];
  const config: S3ClientConfig = {
    // Services other than AWS take any.
    region: location.region ?? (environment['AWS_REGION'] || environment['AWS_DEFAULT_REGION'] || 'us-east-1'),
    ...(location.endpoint !== undefined && { endpoint: location.endpoint }),
    forcePathStyle: location.pathStyle ?? (location.endpoint ?? variable) !== undefined,
    ...(credentials !== undefined && { credentials }),
    // The SDK's default, a CRC in a trailer of a chunked body, is refused by several; we send Content-MD5, which all know.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    maxAttempts: 4,
    requestHandler:
      fetch === undefined
        ? new NodeHttpHandler({
            connectionTimeout: connectMs,
            socketTimeout: silenceMs,
            httpAgent: { maxSockets, keepAlive: true },
            httpsAgent: { maxSockets, keepAlive: true },
          })
        : fetchHandler(fetch),
  };
  const client = new S3Client(config);
  client.middlewareStack.add(
    (next) => async (args) => {
      const request = args.request as { headers?: Record<string, string>; body?: unknown };
      if (request.headers !== undefined && typeof request.body === 'string') {
        // A list of what to delete must have a checksum; of those the SDK makes, older services know none.
        for (const name of Object.keys(request.headers)) {
          if (/^x-amz-(sdk-)?checksum/.test(name)) Reflect.deleteProperty(request.headers, name);
        }
        request.headers['content-md5'] = createHash('md5').update(request.body).digest('base64');
      }
      return next(args);
    },
    // Behind the SDK's checksums, and before the signature.
    { step: 'build', priority: 'low', name: 'osmoContentMd5' },
  );
  return client;
}
