import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Clock, type Logger, monotonicMs } from '@osmo/kube';
import type { WebhookMetrics } from '../metrics.ts';
import { readReview, ReviewError } from '../review/read-review.ts';
import { type AdmissionRequest, type AdmissionResponse, reviewHead } from '../review/types.ts';
import { type Body, BodyBudget, BodyError, readBody } from './read-body.ts';
import { type TurnLimits, Turns } from './turns.ts';

/** What the apiserver asks, by the path that it asks at. */
export type Question = 'validate' | 'mutate' | 'render' | 'submitter';

export interface HandlerOptions {
  answer: (question: Question, request: AdmissionRequest) => Promise<AdmissionResponse>;
  /** Largest body, bytes. */
  maxBodyBytes: number;
  /** Of all bodies that are read at once or wait for their answer, bytes. */
  maxBytesAtOnce: number;
  /** How many reviews are judged at once, and how large they may be together. */
  turns: TurnLimits;
  /** Whether connections should be given up after their answer. */
  draining: () => boolean;
  clock: Clock;
  logger: Logger;
  metrics: WebhookMetrics;
}

const questions: ReadonlyMap<string, Question> = new Map([
  ['/validate', 'validate'],
  ['/mutate', 'mutate'],
  ['/render', 'render'],
  ['/submitter', 'submitter'],
]);

/** Answers `POST /validate`, `/mutate`, `/render` and `/submitter`; nothing else is there. */
export function reviewHandler(options: HandlerOptions): (request: IncomingMessage, response: ServerResponse) => void {
  const budget = new BodyBudget(options.maxBytesAtOnce);
  const own = new Turns(options.turns);
  // Rendering is waited for while a thread does it: the others need not.
  const rendering = new Turns(options.turns);
  const turnsOf = (question: Question): Turns => (question === 'render' ? rendering : own);
  return (request, response) => {
    void handle(request, response, options, { budget, turnsOf });
  };
}

async function handle(
  request: IncomingMessage,
  response: ServerResponse,
  options: HandlerOptions,
  { budget, turnsOf }: { budget: BodyBudget; turnsOf: (question: Question) => Turns },
): Promise<void> {
  const { clock, logger, metrics } = options;
  const began = monotonicMs(clock);
  const path = (request.url ?? '').split('?', 1)[0] ?? '';
  const question = questions.get(path);
  let outcome = 'error';
  let body: Body | undefined;
  let endTurn: (() => void) | undefined;
  try {
    if (question === undefined) throw new BodyError(404, `only ${[...questions.keys()].join(', ')}`);
    if (request.method !== 'POST') throw new BodyError(405, 'only POST');
    body = await readBody(request, options.maxBodyBytes, budget);
    endTurn = await turnsOf(question).take(body.bytes);
    // Who asked has given up meanwhile: the time is for those who wait.
    if (response.destroyed) return;
    const answer = await options.answer(question, readReview(body.text));
    outcome = answer.allowed ? 'allowed' : 'refused';
    send(response, 200, { ...reviewHead, response: answer }, options);
  } catch (error) {
    const status = statusOf(error);
    if (status === 500) logger.error('a review failed', { path, error });
    // What a stranger sends is no reason to fill the log.
    else logger.debug('a request was not taken', { path, status, error });
    const message = status === 500 ? 'failed; the log has more' : (error as Error).message;
    if (!request.complete) response.setHeader('connection', 'close');
    send(response, status, { message }, options);
  } finally {
    endTurn?.();
    body?.done();
    metrics.answered(question ?? 'none', outcome, (monotonicMs(clock) - began) / 1000);
  }
}

function statusOf(error: unknown): number {
  if (error instanceof BodyError) return error.status;
  return error instanceof ReviewError ? 400 : 500;
}

function send(response: ServerResponse, status: number, body: object, { draining }: HandlerOptions): void {
  if (response.destroyed) return;
  if (draining()) response.setHeader('connection', 'close');
  const bytes = Buffer.from(JSON.stringify(body), 'utf8');
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': bytes.length });
  response.end(bytes);
}
