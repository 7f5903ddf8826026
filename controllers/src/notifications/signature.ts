import { createHmac } from 'node:crypto';

/**
 * Headers that sign a call, as Standard Webhooks (standardwebhooks.com) has them: HMAC-SHA256 over the id, the time in seconds
 * and the body, with dots between. Whoever verifies refuses old times, so that a call that was overheard can't be made again.
 *
 * `secret` is `whsec_` and the key in base64, or any text, which is the key then.
 */
export function signatureHeaders(id: string, body: string, secret: string, now: Date): Record<string, string> {
  const prefix = 'whsec_';
  const key = secret.startsWith(prefix)
    ? Buffer.from(secret.slice(prefix.length), 'base64')
    : Buffer.from(secret, 'utf8');
  const timestamp = String(Math.floor(now.getTime() / 1000));
  const digest = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64');
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': `v1,${digest}` };
}
