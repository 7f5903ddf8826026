import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Backend } from '@osmo/crds';
import { Backends } from '../kinds.ts';
import { Namespace, silentLogger } from '@osmo/kube';
import type { FakeApiserver } from '@osmo/kube/testing';
import { startHub } from '../testing/fake-clusters.ts';
import { register, RegistrationError } from './register.ts';

describe('register', () => {
  let hub: FakeApiserver;
  let cluster: FakeApiserver;

  beforeEach(async () => {
    [hub, cluster] = await Promise.all([startHub(), startHub()]);
  });
  afterEach(() => Promise.all([hub.close(), cluster.close()]));

  const run = (may = true, from = cluster) =>
    register({ hub: hub.client(), cluster: from.client(), backend: 'east', register: may, logger: silentLogger });
  const identity = (of: FakeApiserver) => of.get(Namespace, { name: 'kube-system' })?.metadata.uid ?? '';
  const seed = (clusterUID?: string) =>
    hub.seed<Backend>(Backends, {
      apiVersion: 'osmo.dev/v1alpha1',
      kind: 'Backend',
      metadata: { name: 'east' },
      spec: {},
      ...(clusterUID === undefined ? {} : { status: { conditions: [], clusterUID } }),
    });

  test('a new cluster makes its Backend, once', async () => {
    await expect(run()).resolves.toBe(identity(cluster));
    await expect(run()).resolves.toBe(identity(cluster));
    expect(hub.list(Backends).map(({ spec }) => spec)).toEqual([{}]);
    expect(hub.writes).toHaveLength(1);
  });

  test('two replicas at once make one Backend', async () => {
    await expect(Promise.all([run(), run()])).resolves.toEqual([identity(cluster), identity(cluster)]);
    expect(hub.list(Backends)).toHaveLength(1);
  });

  test('a Backend that an administrator made is taken as it is', async () => {
    seed();
    await expect(run(false)).resolves.toBe(identity(cluster));
    expect(hub.writes).toEqual([]);
  });

  test('without leave no Backend is made', async () => {
    await expect(run(false)).rejects.toThrow(
      'there is no Backend east on the hub, and --register=false forbids to make it',
    );
  });

  test('the Backend of this cluster is known again', async () => {
    seed(identity(cluster));
    await expect(run()).resolves.toBe(identity(cluster));
  });

  test('the Backend of another cluster is refused', async () => {
    seed('another-uid');
    await expect(run()).rejects.toThrow(RegistrationError);
    await expect(run()).rejects.toThrow(
      `Backend east belongs to the cluster whose kube-system namespace has UID another-uid; this cluster's has ${identity(cluster)}.`,
    );
  });

  test('a hub that does not let us look is an error, not a missing Backend', async () => {
    hub.inject({ effect: { respond: { status: 403, message: 'no' } } });
    await expect(run()).rejects.toMatchObject({ status: 403 });
    expect(hub.writes).toEqual([]);
  });
});
