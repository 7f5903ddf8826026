import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { listAll, listPages } from '../client/paging.ts';
import { metadataOf } from '../client/resource.ts';
import type { KubeClient } from '../client/types.ts';
import { servers, type ServerUnderTest, Widget } from './servers.ts';
import { failureOf } from '../testing/failure.ts';

describe.each(servers)('listing on %s', (_name, start) => {
  let server: ServerUnderTest;
  let client: KubeClient;
  let namespace: string;
  beforeAll(async () => {
    server = await start();
    ({ client, namespace } = server);
  });
  afterAll(() => server.stop());

  const widget = (name: string, extra: Partial<Widget> = {}): Widget => ({
    apiVersion: 'contract.example.com/v1',
    kind: 'Widget',
    metadata: { name, namespace },
    ...extra,
  });

  describe('list', () => {
    beforeAll(async () => {
      for (const i of [1, 2, 3, 4, 5]) {
        const metadata = { name: `l${i}`, namespace, labels: { list: 'yes', odd: String(i % 2 === 1) } };
        await client.create(Widget, { ...widget(''), metadata, spec: { color: i < 3 ? 'red' : 'blue' } });
      }
    });
    const names = (items: Widget[]): string[] => items.map((item) => item.metadata.name);

    test('items carry their kind', async () => {
      const { items } = await client.list(Widget, { namespace, labelSelector: 'list' });
      expect(items.map((item) => item.kind)).toEqual(Array(5).fill('Widget'));
      expect(items[0]?.apiVersion).toBe('contract.example.com/v1');
    });

    test.each([
      ['odd=true', undefined, ['l1', 'l3', 'l5']],
      ['list,odd in (false)', undefined, ['l2', 'l4']],
      ['list,odd!=true', undefined, ['l2', 'l4']],
      ['list', 'metadata.name=l3', ['l3']],
      ['list', 'metadata.name!=l3,spec.color=red', ['l1', 'l2']],
    ])('by labels %s and fields %s', async (labelSelector, fieldSelector, want) => {
      const { items } = await client.list(Widget, { namespace, labelSelector, fieldSelector });
      expect(names(items)).toEqual(want);
    });

    test('an unknown field to select by is a bad request', async () => {
      const error = await failureOf(client.list(Widget, { namespace, fieldSelector: 'spec.size=1' }));
      expect(error.status).toBe(400);
    });

    test('pages are of one snapshot', async () => {
      const seen: string[] = [];
      const versions = new Set<string>();
      for await (const page of listPages(client, Widget, { namespace, labelSelector: 'list', limit: 2 })) {
        seen.push(...names(page.items));
        versions.add(page.metadata.resourceVersion);
        if (seen.length === 2) {
          await client.create(Widget, {
            ...widget('l9'),
            metadata: { name: 'l9', namespace, labels: { list: 'yes' } },
          });
          await client.delete(Widget, { name: 'l4', namespace });
        }
      }
      expect(seen).toEqual(['l1', 'l2', 'l3', 'l4', 'l5']);
      expect(versions.size).toBe(1);
      const now = await listAll(client, Widget, { namespace, labelSelector: 'list' });
      expect(names(now.items)).toEqual(['l1', 'l2', 'l3', 'l5', 'l9']);
    });

    test('can be of metadata only', async () => {
      const { items } = await client.list(metadataOf(Widget), { namespace, labelSelector: 'list' });
      expect(items[0]).toMatchObject({ kind: 'Widget', apiVersion: 'contract.example.com/v1' });
      expect(items[0]).not.toHaveProperty('spec');
    });
  });
});
