import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type KubeClient, Pod, Secret, Service } from '@osmo/kube';
import type { FakeApiserver } from '@osmo/kube/testing';
import { startHub } from '../testing/fake-clusters.ts';
import { newTask } from '../testing/tasks.ts';
import { filesSecretFor } from './files.ts';
import { CreateLedger, recordingClient, serviceKey } from './ledger.ts';
import { podFor } from './pod.ts';

const task = newTask({ spec: { files: [{ path: '/a', contents: 'x', base64: false }] } });
const pod = podFor(task, { namespace: 'team-a', attempt: 0, nodeLostSeconds: 300 });
const { name } = pod.metadata;
const service: Service = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 's', namespace: 'team-a' },
  spec: { clusterIP: 'None' },
};

describe('recordingClient', () => {
  let server: FakeApiserver;
  let ledger: CreateLedger;
  let client: KubeClient;

  beforeEach(async () => {
    server = await startHub();
    ledger = new CreateLedger();
    client = recordingClient(server.client(), ledger);
  });
  afterEach(() => server.close());

  const refuse = (status: number, message: string, resource = 'pods') =>
    server.inject({
      on: (request) => request.verb === 'create' && request.resource === resource,
      effect: { respond: { status, message } },
    });

  test('a pod that is taken leaves no trace', async () => {
    await client.create(Pod, pod);
    expect([ledger.refusals.size, ledger.delays.size]).toEqual([0, 0]);
  });

  test.each([400, 413, 422])('%d: never, and why', async (status) => {
    refuse(status, 'spec.containers[0].name: Invalid value');
    await expect(client.create(Pod, pod)).rejects.toThrow('Invalid value');
    expect(ledger.refusals.get(name)).toBe('the apiserver refuses the pod: spec.containers[0].name: Invalid value');
  });

  test('a quota: not now, and why; taken later, the word is withdrawn', async () => {
    refuse(403, 'exceeded quota: team');
    await expect(client.create(Pod, pod)).rejects.toThrow('exceeded quota');
    expect(ledger.delays.get(name)).toContain('exceeded quota: team');
    expect(ledger.refusals.size).toBe(0);
    await client.create(Pod, pod);
    expect(ledger.delays.size).toBe(0);
  });

  test('a namespace that does not exist: not now', async () => {
    await expect(client.create(Pod, { ...pod, metadata: { ...pod.metadata, namespace: 'nowhere' } })).rejects.toThrow(
      'nowhere',
    );
    expect(ledger.delays.get(name)).toContain('nowhere');
  });

  test('a server in trouble says nothing about the pod', async () => {
    refuse(500, 'etcd is gone');
    await expect(client.create(Pod, pod)).rejects.toThrow('etcd is gone');
    expect([ledger.refusals.size, ledger.delays.size]).toEqual([0, 0]);
  });

  test('files are known to be stored, whoever stored them; a Secret is never read', async () => {
    const stored = await client.create(Pod, pod);
    const secret = filesSecretFor(task, stored) as Secret;
    await client.create(Secret, secret);
    expect(ledger.filesStored).toEqual(new Set([stored.metadata.uid]));
    const second = new CreateLedger();
    await recordingClient(server.client(), second).create(Secret, secret);
    expect(second.filesStored).toEqual(new Set([stored.metadata.uid]));
    expect(server.requests.filter(({ resource }) => resource === 'secrets').map(({ verb }) => verb)).toEqual([
      'create',
      'create',
    ]);
  });

  test('files that are refused are held against their pod', async () => {
    refuse(422, 'Too long', 'secrets');
    const secret = filesSecretFor(task, { ...pod, metadata: { ...pod.metadata, uid: 'u' } }) as Secret;
    await expect(client.create(Secret, secret)).rejects.toThrow('Too long');
    expect(ledger.refusals.get(name)).toBe('the apiserver refuses the secret: Too long');
  });

  test('a Service that is not taken is told of with what it is for; taken later, the word is withdrawn', async () => {
    refuse(403, 'exceeded quota: team', 'services');
    await expect(client.create(Service, service)).rejects.toThrow('exceeded quota');
    expect(ledger.delays.get(serviceKey('s'))).toMatch(
      /^Service s, by which the tasks of the group find each other, is not accepted: .*exceeded quota: team$/,
    );
    await client.create(Service, service);
    expect(ledger.delays.size).toBe(0);
    refuse(422, 'metadata.name: Invalid value', 'services');
    await expect(client.create(Service, service)).rejects.toThrow('Invalid value');
    expect(ledger.refusals.get(serviceKey('s'))).toBe(
      'the apiserver refuses the service: metadata.name: Invalid value',
    );
  });

  test('what is forgotten is gone', async () => {
    ledger.refusals.set(name, 'x');
    ledger.delays.set(name, 'x');
    ledger.filesStored.add('u');
    ledger.forget(name, 'u');
    expect([ledger.refusals.size, ledger.delays.size, ledger.filesStored.size]).toEqual([0, 0, 0]);
  });

  test('everything else passes', async () => {
    await client.create(Service, service);
    await expect(client.create(Service, service)).rejects.toMatchObject({ status: 409 });
    expect((await client.list(Service, { namespace: 'team-a' })).items).toHaveLength(1);
  });
});
