import { existsSync, readFileSync, statSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { componentFor } from '../components/table.ts';
import { requestHttps } from '../system/https.ts';
import type { ControlPlane } from './options.ts';
import { startControlPlane } from './start.ts';

describe('a control plane of its own', () => {
  let plane: ControlPlane;
  const ask = (path: string, options?: { body?: unknown; method?: string }) =>
    requestHttps(`${plane.url}${path}`, { ca: plane.ca, cert: plane.cert, key: plane.key }, options);
  const configMap = (name: string) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name } });
  const configMaps = '/api/v1/namespaces/default/configmaps';

  beforeAll(async () => {
    plane = await startControlPlane({ audit: true, kwok: { nodes: 2, runMs: 100 } });
  });
  afterAll(async () => plane?.stop());

  test('serves the pinned version to its administrator, who holds the only copy of a 0600 kubeconfig', async () => {
    const { version } = componentFor('kube-apiserver', process.env);
    const [major, minor] = version.slice(1).split('.');
    expect(JSON.parse((await ask('/version')).body)).toMatchObject({ gitVersion: version, major, minor });
    expect(statSync(plane.kubeconfigPath).mode & 0o777).toBe(0o600);
  });

  test('refuses everyone else, on every path', async () => {
    for (const path of ['/api/v1/namespaces', '/version', '/healthz', '/readyz']) {
      expect((await requestHttps(`${plane.url}${path}`, { ca: plane.ca })).status).toBe(401);
    }
  });

  test('keeps what was written when etcd or the apiserver is killed', async () => {
    expect((await ask(configMaps, { body: configMap('before') })).status).toBe(201);
    await plane.killEtcd();
    expect((await ask(`${configMaps}/before`)).status).toBe(200);
    const url = plane.url;
    await plane.restartApiserver('SIGKILL');
    expect(plane.url).toBe(url);
    expect((await ask(`${configMaps}/before`)).status).toBe(200);
  });

  test('answers 410 for a list that goes on after a compaction', async () => {
    for (const name of ['a', 'b', 'c']) await ask(configMaps, { body: configMap(`page-${name}`) });
    const page = JSON.parse((await ask(`${configMaps}?limit=1`)).body) as { metadata: { continue: string } };
    await ask(configMaps, { body: configMap('page-d') });
    const revision = await plane.compact();
    expect(revision).toBeGreaterThan(1);
    // The watch cache must not hide it: after a restart it knows nothing older than now.
    await plane.restartApiserver('SIGKILL');
    const next = await ask(`${configMaps}?limit=1&continue=${page.metadata.continue}`);
    expect(next.status).toBe(410);
  });

  test('runs pods on simulated nodes to the end that their annotations ask for', async () => {
    const pods = '/api/v1/namespaces/default/pods';
    const pod = (name: string, annotations: Record<string, string>) => ({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, annotations },
      spec: { restartPolicy: 'Never', containers: [{ name: 'main', image: 'none' }] },
    });
    expect((await ask(pods, { body: pod('good', {}) })).status).toBe(201);
    expect((await ask(pods, { body: pod('bad', { 'kwok.osmo.dev/exit-code': '3' }) })).status).toBe(201);
    interface Seen {
      status: { phase: string; containerStatuses?: { state: { terminated?: { exitCode: number } } }[] };
    }
    const ended = async (name: string): Promise<Seen> => {
      for (;;) {
        const seen = JSON.parse((await ask(`${pods}/${name}`)).body) as Seen;
        if (['Succeeded', 'Failed'].includes(seen.status.phase)) return seen;
        await new Promise((done) => setTimeout(done, 100));
      }
    };
    expect((await ended('good')).status.phase).toBe('Succeeded');
    const bad = await ended('bad');
    expect(bad.status.phase).toBe('Failed');
    expect(bad.status.containerStatuses?.[0]?.state.terminated?.exitCode).toBe(3);
  });

  test('has an audit log with a line for each finished request', () => {
    const lines = readFileSync(plane.auditLog ?? '', 'utf8')
      .trimEnd()
      .split('\n');
    const created = lines
      .map((line) => JSON.parse(line) as { verb: string; objectRef?: { name?: string; resource?: string } })
      .filter((event) => event.verb === 'create' && event.objectRef?.resource === 'configmaps');
    expect(created.map((event) => event.objectRef?.name)).toEqual(expect.arrayContaining(['before', 'page-a']));
  });

  test('names the components that it has when asked for another', async () => {
    await expect(plane.stopComponent('kubelet')).rejects.toThrow(
      'no component "kubelet" in this control plane; it has etcd',
    );
  });

  test('leaves neither process nor file when stopped, twice', async () => {
    const pids = Object.values(plane.pids());
    await plane.stop();
    await plane.stop();
    expect(pids.filter((pid) => existsSync(`/proc/${pid}`))).toEqual([]);
    expect(existsSync(plane.directory)).toBe(false);
  });
});
