import type { IncomingMessage, ServerResponse } from 'node:http';
import type { KubeObject } from '../client/types.ts';
import { ApiError } from './api-error.ts';
import type { Route } from './routes.ts';

/** Answers with JSON; when an answer has begun already, all that is left is to break off. */
export function send(
  response: ServerResponse,
  status: number,
  body: object,
  headers: Record<string, string> = {},
): void {
  if (response.headersSent) {
    response.socket?.destroy();
    return;
  }
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
}

/** The body as asked for: whole, or its metadata only. */
export function project(request: IncomingMessage, { kind }: Route, body: object): object {
  const accept = request.headers.accept ?? '';
  const { metadata, items, kind: bodyKind } = body as { metadata?: object; items?: KubeObject[]; kind?: string };
  if (!accept.includes('as=PartialObjectMetadata') || bodyKind === 'Status') return body;
  const apiVersion = 'meta.k8s.io/v1';
  const partial = (object: object): object => ({ kind: 'PartialObjectMetadata', apiVersion, metadata: object });
  if (bodyKind === `${kind.type.kind}List`) {
    return {
      kind: 'PartialObjectMetadataList',
      apiVersion,
      metadata,
      items: (items ?? []).map((item) => partial(item.metadata)),
    };
  }
  return partial(metadata ?? {});
}

/** The body of a request; undefined when there is none. @throws ApiError 400 */
export async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString('utf8');
  if (text === '') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    throw new ApiError(
      400,
      'BadRequest',
      `the object provided is unrecognized: couldn't parse ${text.length} characters as JSON`,
    );
  }
}
