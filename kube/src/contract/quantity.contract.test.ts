import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Pod } from '../client/kinds/pod.ts';
import { formatQuantity, parseQuantity } from '../client/quantity.ts';
import { servers, type ServerUnderTest } from './servers.ts';

// Only the real server knows quantities: it answers with the canonical text of what it was sent.
describe.each(servers.filter(([name]) => name.includes('real')))('quantities on %s', (_name, start) => {
  let server: ServerUnderTest;
  beforeAll(async () => {
    server = await start();
  });
  afterAll(() => server.stop());

  // Left out: '5.' and '+2', which the server gives back as they came, and CPU below 1m, which pods round up.
  test('are written as we write them', async () => {
    const { client, namespace } = server;
    const memory = [
      '1',
      '1000',
      '1024',
      '1.5Gi',
      '1536Mi',
      '0.5Ki',
      '1e3',
      '12E2',
      '1E',
      '1024Ki',
      '3000M',
      '100k',
      '1025',
      '.5k',
      '9007199254740993',
      '2047Ki',
      '1000Ki',
      '0.0001G',
    ];
    const cpu = ['100m', '0.1', '1500m', '2', '0.0015k', '1e-1', '3000u'];
    const container = (resource: string, text: string, i: number): Pod['spec']['containers'][number] => ({
      name: `${resource}${i}`,
      image: 'x',
      resources: { limits: { [resource]: text } },
    });
    const pod: Pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'quantities', namespace },
      spec: {
        containers: [...memory.map((t, i) => container('memory', t, i)), ...cpu.map((t, i) => container('cpu', t, i))],
      },
    };
    const stored = await client.create(Pod, pod, { dryRun: true });
    const theirs = stored.spec.containers.map(({ resources }) => Object.values(resources?.limits ?? {})[0]);
    expect(theirs).toEqual([...memory, ...cpu].map((text) => formatQuantity(parseQuantity(text))));
  });
});
