import { createHash, randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { type Clock, type Logger, monotonicMs } from '@osmo/kube';
import express, { type Express, type Request, type Response } from 'express';
import { anonymous, type Claims, type Identity } from '../identity/identity.ts';
import { sourceOf } from '../identity/source.ts';
import type { VersionNotice } from '../system/client-versions.ts';
import { demandSameOrigin } from '../identity/session/same-origin.ts';
import { type BodyBudget, bodyBudget, bodyBytes } from './body-budget.ts';
import { notFound, toRequestError } from './errors.ts';
import { formParser } from './form.ts';
import type { HttpMetrics } from './metrics.ts';
import type { Answer, Operation } from './operation.ts';
import { readParameters } from './parameters.ts';
import { addressKey, type RateLimit } from './rate-limit.ts';
import { mayBeKept, securityHeaders } from './security-headers.ts';
import { sendStream } from './send-stream.ts';
import { bodyValidator } from './validate-body.ts';
import { warningHeader, warningValue } from './warning.ts';

export interface AppOptions {
  operations: readonly Operation[];
  identify: (claims: Claims) => Promise<Identity>;
  /** Whether a caller's token may take the action of an operation. @throws RequestError 403 */
  permit?: (caller: Identity, operation: Operation) => void;
  rateLimit: RateLimit;
  maxBodyBytes: number;
  logger: Logger;
  metrics: HttpMetrics;
  clock: Clock;
  /** Path under which the gateway is reached, with a slash before it and none behind; absent: none. */
  basePath?: string;
  /** Whose word about the address of a request counts, by their own address; absent: nobody's. */
  trustedProxy?: (address: string) => boolean;
  /** URL by which people reach the gateway: pages of its origin may change things for whoever is signed in; absent: no page may. */
  publicUrl?: string | undefined;
  /** Whether people reach the gateway by TLS; absent: where `publicUrl` says so. */
  overTls?: boolean;
  /** How long an answer may stand still on its way to a client that doesn't read it, ms; streams may for as long as they like. */
  stalledMs?: number;
  /** Looks at what a client says of its version. @throws RequestError for one that is too old */
  notice?: (headers: IncomingHttpHeaders) => VersionNotice;
  /** Aborted when the process must end: streams that have no end of their own end then. */
  closing: AbortSignal;
}

/** What is known of a request when its line in the access log is written. */
interface Account {
  requestId: string;
  operation: string;
  user: string | undefined;
}

/** The API as an Express application: routes, request ids, access log, errors. */
export function createApp(options: AppOptions): Express {
  const app = express();
  app.disable('x-powered-by');
  app.set('etag', false);
  app.set('query parser', false);
  app.set('trust proxy', false);
  const accounts = new WeakMap<Request, Account>();
  const everywhere = Object.entries(securityHeaders(options.overTls ?? isTls(options.publicUrl)));
  app.use((request, response, next) => {
    const account: Account = { requestId: requestIdOf(request), operation: 'none', user: undefined };
    accounts.set(request, account);
    response.setHeader('x-request-id', account.requestId);
    for (const [name, value] of everywhere) response.setHeader(name, value);
    keepAccount(request, response, account, options);
    request.url = withoutBase(request.url, options.basePath);
    next();
  });
  const bodies = bodyBudget(options.maxBodyBytes);
  const parseJson = express.json({ strict: false, limit: options.maxBodyBytes, type: () => true, inflate: false });
  for (const operation of options.operations) {
    const answer = answerer(operation, options, parseJson, bodies);
    app[operation.method](operation.path.replaceAll(/\{(\w+)\}/g, ':$1'), async (request, response) => {
      const account = accounts.get(request);
      if (account !== undefined) account.operation = operation.id;
      await answer(request, response, account?.requestId ?? '', (user) => {
        if (account !== undefined) account.user = user;
      });
    });
  }
  app.use((request: Request) => {
    throw notFound(`there is no ${request.method} ${request.path}; /api/openapi.json lists what there is`);
  });
  app.use((error: unknown, request: Request, response: Response, _next: unknown) => {
    void _next;
    refuse(error, request, response, accounts.get(request), options.logger);
  });
  return app;
}

type Parser = (request: Request, response: Response, next: (error?: unknown) => void) => void;

function answerer(
  operation: Operation,
  options: AppOptions,
  parseJson: Parser,
  bodies: BodyBudget,
): (request: Request, response: Response, requestId: string, identified: (user: string) => void) => Promise<void> {
  const { identify, permit, rateLimit, maxBodyBytes, closing, notice, trustedProxy, publicUrl } = options;
  const { stalledMs = defaultStalledMs } = options;
  const kept = mayBeKept(operation.action);
  const validate = operation.body === undefined ? undefined : bodyValidator(operation.body);
  const { form } = operation.body ?? {};
  const parse = form === undefined ? parseJson : formParser(form.maxBytes);
  return async (request, response, requestId, identified) => {
    const { headers } = request;
    const { warning: outdated, headers: versionHeaders } = notice?.(headers) ?? { headers: {} };
    for (const [name, value] of Object.entries(versionHeaders)) response.setHeader(name, value);
    const peer = { headers, remoteAddress: request.socket.remoteAddress };
    const source = sourceOf(peer, trustedProxy);
    const who = operation.open === true ? anonymous : await identify({ ...peer, source });
    const caller = { ...who, request: { id: requestId, source } };
    identified(caller.user);
    if (operation.method !== 'get' && isFromBrowser(caller, headers)) demandSameOrigin(headers, publicUrl);
    addHeader(response, 'set-cookie', caller.cookies ?? []);
    rateLimit.take(operation.open === true ? addressKey(source) : `user ${caller.user}`);
    permit?.(caller, operation);
    const query = readParameters(operation.parameters ?? {}, queryOf(request));
    const bodyDone = validate && bodies.take(caller.user, bodyBytes(request, form?.maxBytes ?? maxBodyBytes));
    try {
      let body: unknown;
      if (validate !== undefined) {
        await parsed(parse, request, response);
        body = hasBody(request) ? (request.body as unknown) : undefined;
        validate(body);
      }
      const hungUp = new AbortController();
      response.once('close', () => hungUp.abort(new Error('the caller hung up')));
      const signal = AbortSignal.any([hungUp.signal, closing]);
      const params = request.params as Record<string, string>;
      const isHead = request.method === 'HEAD';
      const result = await operation.handle({ params, query, body, caller, headers, signal, isHead });
      const warning = warningValue([outdated, result.warning].filter((text) => text !== undefined));
      if (warning !== undefined) response.setHeader(warningHeader, warning);
      await send(result, request, response, { kept, stalledMs, clock: options.clock });
    } finally {
      bodyDone?.();
    }
  };
}

/** Whether a browser may have sent it with what it keeps: its session here, or one at the proxy that says who is calling. */
function isFromBrowser({ method }: Identity, headers: IncomingHttpHeaders): boolean {
  if (method === 'session') return true;
  return method === 'proxy' && (headers['sec-fetch-site'] !== undefined || headers.origin !== undefined);
}

/** The path as operations have it. Behind a path prefix upstream's client sends PREFIX//api/…. */
function withoutBase(url: string, basePath: string | undefined): string {
  const plain = url.replace(/^\/+/, '/');
  if (basePath === undefined || !plain.startsWith(`${basePath}/`)) return plain;
  return plain.slice(basePath.length).replace(/^\/+/, '/');
}

/** Cut off by hand: some clients send whole addresses, and not each that is routed here can be read as a URL. */
function queryOf({ url }: IncomingMessage): URLSearchParams {
  const at = url?.indexOf('?') ?? -1;
  return new URLSearchParams(at === -1 ? '' : url?.slice(at + 1));
}

/** Upstream's client says that it sends JSON where it sends nothing. */
function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

function parsed(parse: Parser, request: Request, response: Response): Promise<void> {
  return new Promise((resolve, reject) => {
    parse(request, response, (error) => {
      if (error === undefined) resolve();
      else reject(error);
    });
  });
}

const isTls = (url: string | undefined): boolean => url?.startsWith('https:') === true;

/** As long as a request may take to arrive. */
const defaultStalledMs = 60_000;

async function send(
  answer: Answer,
  request: Request,
  response: Response,
  { kept, stalledMs, clock }: { kept: boolean; stalledMs: number; clock: Clock },
): Promise<void> {
  if ('stream' in answer) {
    const prepare = (): void => {
      setHeaders(answer, response);
      response.setHeader('content-type', answer.type ?? 'text/plain; charset=utf-8');
      response.status(answer.status ?? 200);
    };
    if (request.method !== 'HEAD') return sendStream(answer, response, prepare, clock);
    // What nobody reads isn't read: it might have no end.
    prepare();
    response.end();
    return;
  }
  setHeaders(answer, response);
  if ('redirect' in answer) {
    response.setHeader('location', answer.redirect);
    response.status(303).end();
    return;
  }
  const isJson = 'json' in answer;
  const body = isJson ? JSON.stringify(answer.json) : answer.text;
  response.setHeader('content-type', isJson ? 'application/json' : (answer.type ?? 'text/plain; charset=utf-8'));
  const status = 'text' in answer ? (answer.status ?? 200) : 200;
  // All of it is in memory until it has gone: a client that takes nothing of it for so long gets no more.
  response.setTimeout(stalledMs, () => response.destroy());
  if (kept && status === 200 && (request.method === 'GET' || request.method === 'HEAD')) {
    const tag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 27)}"`;
    response.setHeader('etag', tag);
    response.setHeader('cache-control', 'private, no-cache');
    const known = request.headers['if-none-match']?.split(',').map((each) => each.trim().replace(/^W\//, ''));
    if (known?.includes(tag) === true) {
      response.removeHeader('content-type');
      response.status(304).end();
      return;
    }
  }
  response.status(status).end(body);
}

function setHeaders(answer: Answer, response: Response): void {
  for (const [name, value] of Object.entries(answer.headers ?? {})) addHeader(response, name, value);
}

/** Several cookies are several headers. */
function addHeader(response: Response, name: string, value: string | readonly string[]): void {
  for (const one of [value].flat()) {
    if (name.toLowerCase() === 'set-cookie') response.appendHeader(name, one);
    else response.setHeader(name, one);
  }
}

function refuse(
  error: unknown,
  request: Request,
  response: Response,
  account: Account | undefined,
  logger: Logger,
): void {
  // Nobody hears it, and it is mostly that: what was under way was given up.
  if (response.closed && !response.headersSent) return;
  const told = toRequestError(error);
  const requestId = account?.requestId;
  if (response.headersSent) {
    if (!response.closed) logger.warn('an answer broke off', { requestId, error });
    response.destroy();
    return;
  }
  if (told.status >= 500) logger.error('request failed', { requestId, operation: account?.operation, error });
  for (const [name, value] of Object.entries(told.headers)) response.setHeader(name, value);
  // What is left of a body that was refused unread can't be told from a next request.
  if (!request.complete) response.setHeader('connection', 'close');
  response.setHeader('content-type', 'application/json');
  response.status(told.status).end(JSON.stringify(told.body));
}

/** Tells of every request once it is over. Never of queries, headers and bodies: they may hold secrets. */
function keepAccount(
  request: Request,
  response: Response,
  account: Account,
  { logger, metrics, clock }: AppOptions,
): void {
  const started = monotonicMs(clock);
  const over = metrics.begin();
  response.once('close', () => {
    const ms = monotonicMs(clock) - started;
    const { statusCode: status, writableFinished: complete } = response;
    const { operation, user, requestId } = account;
    over(operation, status, ms / 1000);
    const line = { requestId, method: request.method, operation, status, ms: Math.round(ms), complete, user };
    logger.info('request', { ...line, peer: request.socket.remoteAddress });
  });
}

function requestIdOf(request: IncomingMessage): string {
  const given = request.headers['x-request-id'];
  return typeof given === 'string' && /^[A-Za-z0-9._-]{1,64}$/.test(given) ? given : randomUUID();
}
