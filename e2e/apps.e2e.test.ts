import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { App, AppVersion } from '@osmo/crds';
import { isNotFound, type KubeClient, resourceType } from '@osmo/kube';
import { until } from '@osmo/kube/testing';
import { parse } from 'yaml';
import { connectToCluster, kubeconfig } from './harness/connect.ts';
import { clear, endOf, type Lab, newLab, submit } from './harness/lab.ts';

const minutes = 60_000;
const own = { group: 'osmo.dev', version: 'v1alpha1', namespaced: true } as const;
const Apps = resourceType<App>({ ...own, kind: 'App', plural: 'apps' });
const AppVersions = resourceType<AppVersion>({ ...own, kind: 'AppVersion', plural: 'appversions' });
const example = join(import.meta.dirname, '../examples/apps/greet.yaml');

let client: KubeClient;
let lab: Lab;
let url: string;

interface Answer {
  status: number;
  text: string;
}

/** Asks the gateway until it answers as it should: the suite before may have replaced it, and it may be asked too often. */
const ask = (path: string, init: RequestInit = {}): Promise<Answer> =>
  until(
    async () => {
      const headers = { 'x-osmo-user': 'ada', 'content-type': 'application/json' };
      const response = await fetch(`${url}${path}`, { ...init, headers });
      return { status: response.status, text: await response.text() };
    },
    ({ status }) => status === 200,
    3 * minutes,
  );

beforeAll(async () => {
  const gateway = readFileSync(join(dirname(kubeconfig()), 'env.d/gateway'), 'utf8');
  url = /^export OSMO_URL='(http:\/\/127\.0\.0\.1:\d+)'$/m.exec(gateway)?.[1] ?? '';
  client = await connectToCluster();
  lab = await newLab(client, 'e2e-apps');
}, 3 * minutes);
afterAll(async () => {
  await client.delete(Apps, { name: 'greet', namespace: lab.namespace }).catch((error: unknown) => {
    if (!isNotFound(error)) throw error;
  });
  await clear(lab);
  await client.close();
}, 5 * minutes);

test(
  'the example app, applied as from Git, is versioned, submitted from, and can go while its workflow stays',
  async () => {
    const { namespace } = lab;
    const app = parse(readFileSync(example, 'utf8')) as App;
    const apply = (recipe: string): Promise<App> => {
      const object = { ...app, metadata: { ...app.metadata, namespace }, spec: { ...app.spec, recipe } };
      return client.apply(Apps, object, { fieldManager: 'osmo-e2e', force: true });
    };
    const latest = (number: number): Promise<App> =>
      until(
        () => client.get(Apps, { name: 'greet', namespace }),
        ({ status }) => status?.latestVersion === number,
        3 * minutes,
      );
    const recipe = app.spec.recipe ?? '';
    await apply(recipe.replaceAll('hello', 'bye'));
    await latest(1);
    await apply(recipe);
    const { metadata } = await latest(2);

    const path = `/api/app/user/${namespace}.greet`;
    const known = await until(
      () => ask(`${path}?limit=1`),
      ({ text }) => text.includes('"version":2'),
      3 * minutes,
    );
    expect(JSON.parse(known.text)).toMatchObject({ uuid: metadata.uid, versions: [{ version: 2, status: 'READY' }] });
    const { text: file } = await ask(`${path}/spec`);
    expect(file).toBe(recipe);
    const query = new URLSearchParams({ namespace, app_uuid: metadata.uid ?? '', app_version: '2' });
    const body = JSON.stringify({ file, set_variables: ['times=3'], set_string_variables: ['who=Ada'] });
    const made = await ask(`/api/pool/default/workflow?${query.toString()}`, { method: 'POST', body });
    const name = (JSON.parse(made.text) as { name: string }).name.replace(`${namespace}.`, '');

    const { workflow, tasks } = await endOf(lab, name);
    expect(workflow.status?.phase).toBe('Completed');
    expect(tasks.size).toBe(3);
    expect(workflow.metadata.labels).toMatchObject({ 'osmo.dev/app': 'greet', 'osmo.dev/app-version': '2' });
    const logs = await until(
      () => ask(`/api/workflow/${namespace}.${name}/logs`),
      ({ text }) => text.split('hello Ada').length === 4,
      3 * minutes,
    );
    expect(logs.text).not.toContain('bye');

    // The same without the gateway: the workflow names the app, and the webhooks fill it in.
    const values = [
      { name: 'who', value: 'Ada', type: 'Text' as const },
      { name: 'times', value: '1', type: 'Auto' as const },
    ];
    const named = await until(
      () => submit(lab, 'named', { app: { name: 'greet', version: 1, values } }),
      () => true,
      3 * minutes,
    );
    expect(named.spec.tasks).toMatchObject([{ name: 'round-0', command: ['echo', 'bye Ada'] }]);
    expect(named.metadata.labels).toMatchObject({ 'osmo.dev/app': 'greet', 'osmo.dev/app-version': '1' });
    expect((await endOf(lab, 'named')).workflow.status?.phase).toBe('Completed');

    await client.delete(Apps, { name: 'greet', namespace });
    await until(
      () => client.list(AppVersions, { namespace }),
      ({ items }) => items.length === 0,
      3 * minutes,
    );
    expect((await endOf(lab, name)).workflow.metadata.uid).toBe(workflow.metadata.uid);
  },
  12 * minutes,
);
