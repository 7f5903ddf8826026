import { expect, test } from '@jest/globals';
import type { Workflow } from '@osmo/crds';
import { KubeError } from '@osmo/kube';
import type { Dependencies } from '../dependencies.ts';
import type { Identity } from '../identity/identity.ts';
import { RequestError } from '../http/errors.ts';
import { readWorkflow } from './read.ts';

const ada = { user: 'ada', groups: [] } as unknown as Identity;
const hello = {
  apiVersion: 'osmo.dev/v1alpha1',
  kind: 'Workflow',
  metadata: { name: 'hello', namespace: 'default', uid: 'u' },
  spec: { pool: 'default', tasks: [{ name: 'a', image: 'busybox', args: ['secret'] }] },
} as unknown as Workflow;

/** A gateway whose cache has heard of nothing, on an apiserver that answers like this. */
function gateway(get: () => Promise<Workflow>, demand = async () => undefined): { asked: string[]; all: Dependencies } {
  const asked: string[] = [];
  const all = {
    defaultNamespace: 'default',
    access: { demand },
    caches: {
      workflows: { get: () => undefined },
      tasks: { byIndex: () => [] },
      pools: { get: () => undefined },
    },
    own: {
      get: (_: unknown, { namespace, name }: { namespace: string; name: string }) => {
        asked.push(`${namespace}/${name}`);
        return get();
      },
    },
  };
  return { asked, all: all as unknown as Dependencies };
}

const missing = new KubeError({ status: 404, reason: 'NotFound', message: 'not found', method: 'GET', path: '/' });

test('what is too new for the cache is asked for, and kept as small as what is in the cache', async () => {
  const { asked, all } = gateway(() => Promise.resolve(hello));
  const found = await readWorkflow(all, ada, 'hello');
  expect(found).toMatchObject({ workflow: { metadata: { uid: 'u' } }, tasks: [], archived: false });
  expect(JSON.stringify(found)).not.toContain('secret');
  expect(asked).toEqual(['default/hello']);
});

test('what is nowhere is not found', async () => {
  const { all } = gateway(() => Promise.reject(missing));
  await expect(readWorkflow(all, ada, 'team.gone')).rejects.toMatchObject({ status: 404 });
});

test('an apiserver that can’t be asked is no proof that there is nothing', async () => {
  const broken = new KubeError({
    status: 503,
    reason: 'ServiceUnavailable',
    message: 'away',
    method: 'GET',
    path: '/',
  });
  const { all } = gateway(() => Promise.reject(broken));
  await expect(readWorkflow(all, ada, 'hello')).rejects.toBe(broken);
});

test('nobody learns whether there is what they may not read', async () => {
  const refused = new RequestError(403, 'USER', 'no');
  const { asked, all } = gateway(
    () => Promise.resolve(hello),
    () => Promise.reject(refused),
  );
  await expect(readWorkflow(all, ada, 'hello')).rejects.toBe(refused);
  expect(asked).toEqual([]);
});
