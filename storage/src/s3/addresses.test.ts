import { expect, test } from '@jest/globals';
import { type OpenOptions, openStore } from '../open-store.ts';
import type { ListPage } from '../object-store.ts';

const credentials = { accessKeyId: 'key', secretAccessKey: 'secret' };

/** Opens a store whose requests go nowhere but to `answer`. */
const opened = (url: string, answer: (url: URL) => string, options: OpenOptions = {}) =>
  openStore(url, {
    credentials,
    environment: {},
    fetch: async (asked) => new Response(answer(new URL(asked)), { headers: { etag: '"e"' } }),
    ...options,
  });

test.each<[string, OpenOptions, string]>([
  ['s3://box/p', {}, 'https://box.s3.us-east-1.amazonaws.com/p/a'],
  ['s3://box?region=eu-west-1', {}, 'https://box.s3.eu-west-1.amazonaws.com/a'],
  ['s3://box?region=eu-west-1', { pathStyle: true }, 'https://s3.eu-west-1.amazonaws.com/box/a'],
  ['s3://box?endpoint=http://minio.lab:9000', {}, 'http://minio.lab:9000/box/a'],
  ['s3://box?endpoint=https://lab.example.com&pathStyle=false', {}, 'https://box.lab.example.com/a'],
  ['s3://box', { endpoint: 'https://lab.example.com', pathStyle: false }, 'https://box.lab.example.com/a'],
  ['tos://tos-s3-cn-beijing.volces.com/box', {}, 'https://box.tos-s3-cn-beijing.volces.com/a'],
  ['swift://pdx.s8k.io/AUTH_x/box/p', {}, 'https://pdx.s8k.io/box/p/a'],
])('%s with %j is written to at %s', async (url, options, want) => {
  const asked: string[] = [];
  const answer = ({ origin, pathname }: URL): string => {
    asked.push(`${origin}${pathname}`);
    return '';
  };
  const store = await opened(url, answer, options);
  try {
    await store.put('a', Buffer.from('x'));
  } finally {
    await store.close();
  }
  expect(asked).toEqual([want]);
});

test('a list of millions is asked for page by page, as it is read', async () => {
  let pages = 0;
  // Without an end: whoever wanted all of it first would never answer.
  const answer = ({ searchParams }: URL): string => {
    const page = Number(searchParams.get('continuation-token') ?? 0);
    pages += 1;
    const objects = Array.from({ length: 1000 }, (_, each) => {
      const key = `p/${String(page * 1000 + each).padStart(9, '0')}`;
      return `<Contents><Key>${key}</Key><Size>1</Size><ETag>"e"</ETag><LastModified>2026-01-01T00:00:00Z</LastModified></Contents>`;
    });
    const next = `<IsTruncated>true</IsTruncated><NextContinuationToken>${page + 1}</NextContinuationToken>`;
    return `<?xml version="1.0"?><ListBucketResult>${next}${objects.join('')}</ListBucketResult>`;
  };
  const store = await opened('s3://box', answer);
  const read: ListPage[] = [];
  try {
    for await (const page of store.list('p/')) if (read.push(page) === 5) break;
  } finally {
    await store.close();
  }
  expect(read.flatMap(({ objects }) => objects).at(-1)?.key).toBe('p/000004999');
  // One ahead at most.
  expect(pages).toBeLessThanOrEqual(6);
});
