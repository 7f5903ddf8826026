import { readFile } from 'node:fs/promises';
import type { Clock } from '@osmo/kube';
import { type Outgoing, OutgoingError } from '@osmo/kube/outgoing';
import type { MailServer } from './mail-server.ts';
import { cloudEvent, slackMessage } from './messages.ts';
import type { Notice } from './notice.ts';
import { signatureHeaders } from './signature.ts';
import type { Target } from './targets.ts';

/** What came of telling somebody once. The message names no URL and no secret. */
export type Outcome =
  { readonly state: 'Sent' } | { readonly state: 'Failed'; readonly message: string; readonly mayPass: boolean };

export interface DeliveryOptions {
  readonly outgoing: Pick<Outgoing, 'fetch'>;
  /** Absent: no mail is sent. */
  readonly mail: Pick<MailServer, 'send'> | undefined;
  readonly clock: Clock;
  /** For tests. */
  readonly read?: (file: string) => Promise<string>;
}

export type Deliver = (target: Target, notice: Notice, signal: AbortSignal) => Promise<Outcome>;

/** Tells one target once. Never rejects but with the signal's reason. */
export function delivery({ outgoing, mail, clock, read = readText }: DeliveryOptions): Deliver {
  const post = async (
    url: string,
    body: string,
    headers: Record<string, string>,
    signal: AbortSignal,
  ): Promise<Outcome> => {
    const answer = await outgoing.fetch(url, { method: 'POST', body, headers, signal, maxResponseBytes: 64 << 10 });
    if (answer.status >= 200 && answer.status < 300) return { state: 'Sent' };
    // What the server will never take, and what it may take later.
    const mayPass = answer.status === 408 || answer.status === 425 || answer.status === 429 || answer.status >= 500;
    return { state: 'Failed', message: `${new URL(url).host} answered ${answer.status}`, mayPass };
  };
  const event = { 'content-type': 'application/cloudevents+json; charset=utf-8' };
  const json = { 'content-type': 'application/json' };
  const attempt = async (target: Target, notice: Notice, signal: AbortSignal): Promise<Outcome> => {
    if (target.kind === 'Mail') {
      return mail === undefined ? failed('no mail server is set', false) : mail.send(target.to, notice);
    }
    if (target.kind === 'Own') return post(target.url, cloudEvent(notice), event, signal);
    if (target.kind === 'Slack') return post(await read(target.urlFile), slackMessage(notice), json, signal);
    const { url, urlFile = '', secretFile, format } = target.webhook;
    const to = url ?? (await read(urlFile));
    const body = format === 'Slack' ? slackMessage(notice) : cloudEvent(notice);
    const secret = secretFile === undefined ? undefined : await read(secretFile);
    const signed = secret === undefined ? {} : signatureHeaders(notice.id, body, secret, clock.now());
    return post(to, body, { ...(format === 'Slack' ? json : event), ...signed }, signal);
  };
  return async (target, notice, signal) => {
    try {
      return await attempt(target, notice, signal);
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      if (error instanceof OutgoingError) return failed(error.message, error.mayPass);
      const code = (error as { code?: unknown }).code;
      return failed(typeof code === 'string' ? `failed: ${code}` : 'failed', true);
    }
  };
}

export function failed(message: string, mayPass: boolean): Outcome {
  return { state: 'Failed', message, mayPass };
}

async function readText(file: string): Promise<string> {
  return (await readFile(file, 'utf8')).trim();
}
