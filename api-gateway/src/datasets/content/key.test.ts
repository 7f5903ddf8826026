import { describe, expect, test } from '@jest/globals';
import type { Bucket } from '@osmo/crds';
import { KubeError, type KubeClient, type Secret } from '@osmo/kube';
import { keyFor } from './key.ts';

const bucketAt = (url: string, credential?: string): Bucket =>
  ({ metadata: { name: 'robots', namespace: 'lab' }, spec: { url, ...(credential && { credential }) } }) as Bucket;
const encoded = (fields: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, Buffer.from(value).toString('base64')]));
const keys = encoded({ access_key_id: 'id', access_key: 'hunter2' });
const secret = (data: Record<string, string>, labels: Record<string, string> = {}): Secret =>
  ({ metadata: { name: 's', namespace: 'lab', labels }, data }) as unknown as Secret;
const data = { 'osmo.dev/credential-type': 'data' };

type Answer = Secret | 403 | 404;
function client(answer: Answer): { asked: string[]; get: KubeClient['get'] } {
  const asked: string[] = [];
  const get = (_type: unknown, { namespace, name }: { namespace?: string; name: string }) => {
    asked.push(`${namespace}/${name}`);
    if (typeof answer === 'object') return Promise.resolve(answer);
    const reason = answer === 403 ? 'Forbidden' : 'NotFound';
    return Promise.reject(new KubeError({ status: answer, reason, message: 'no' }));
  };
  return { asked, get: get as KubeClient['get'] };
}
const { signal } = new AbortController();

async function outcome(bucket: Bucket, answers: { caller: Answer; own: Answer }) {
  const [asCaller, own] = [client(answers.caller), client(answers.own)];
  const got = await keyFor(bucket, { asCaller, own }, signal).then(
    ({ credentials }) => credentials?.accessKeyId ?? 'none',
    (error: Error) => error.message,
  );
  return { got, caller: asCaller.asked, own: own.asked };
}
const s3 = bucketAt('s3://robots/sets');

describe('the key of a bucket', () => {
  test('is got in the name of the caller, of its profile or as the bucket names it', async () => {
    const asked = ['lab/data-s3-robots'];
    expect(await outcome(s3, { caller: secret(keys), own: 403 })).toEqual({ got: 'id', caller: asked, own: [] });
    const named = bucketAt('s3://robots/sets', 'keys');
    expect((await outcome(named, { caller: secret(keys), own: 403 })).caller).toEqual(['lab/keys']);
  });

  test('is got by the gateway where the caller may not, if it was given a shared data credential', async () => {
    const shared = { ...data, 'osmo.dev/credential-owner': 'shared' };
    for (const labels of [data, shared])
      // oxlint-disable-next-line no-await-in-loop
      expect((await outcome(s3, { caller: 403, own: secret(keys, labels) })).got).toBe('id');
    const others = { ...data, 'osmo.dev/credential-owner': 'ab'.repeat(8) };
    for (const labels of [{}, others, { 'osmo.dev/credential-type': 'generic' }])
      // oxlint-disable-next-line no-await-in-loop
      expect((await outcome(s3, { caller: 403, own: secret(keys, labels) })).got).toContain(
        'neither you nor the gateway',
      );
  });

  test('is none without a word about what there is, for those who may not know', async () => {
    const [missing, forbidden] = [
      await outcome(s3, { caller: 403, own: 404 }),
      await outcome(s3, { caller: 403, own: 403 }),
    ];
    expect(missing.got).toBe(forbidden.got);
    expect(missing.got).toContain('neither you nor the gateway may get Secret data-s3-robots');
    expect((await outcome(s3, { caller: 404, own: secret(keys, data) })).got).toContain('there is no Secret');
  });

  test.each([
    [{}, 'has no access_key'],
    [{ access_key_id: 'id' }, 'access_key is not set'],
    [{ access_key: 'hunter2', override_url: 'file:///etc' }, 'override_url must be'],
  ])('is none of a Secret with %j', async (fields, why) => {
    const { got } = await outcome(s3, { caller: secret(encoded(fields)), own: 403 });
    expect(got).toContain(why);
    expect(got).not.toContain('hunter2');
  });

  test.each([
    ['file:///etc', 'speaks S3'],
    ['azure://account/container/x', 'speaks S3'],
    ['s3://x', 'a bucket has 3 to 63'],
  ])('is not asked for %s', async (url, why) => {
    const { got, caller } = await outcome(bucketAt(url), { caller: secret(keys), own: secret(keys, data) });
    expect(got).toContain(why);
    expect(caller).toEqual([]);
  });
});
