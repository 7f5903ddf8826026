import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Api, type Bucket, type Dataset, type DatasetVersion, type WorkflowSpecInput } from '@osmo/crds';
import { KubeError, Secret } from '@osmo/kube';
import { until } from '@osmo/kube/testing';
import { Buckets, Datasets, DatasetVersions, MutatingConfigurations, ValidatingConfigurations } from './kinds.ts';
import { callOnce, type Lab, openLab } from './testing/lab.ts';
import { ShiftedClock } from './testing/shifted-clock.ts';

const day = 24 * 3600 * 1000;
const task = (name: string, extra: object = {}) => ({ name, image: 'busybox', command: ['true'], ...extra });
const good: WorkflowSpecInput = { tasks: [task('a')] };
const bad: WorkflowSpecInput = {
  tasks: [task('a', { inputs: [{ task: { name: 'ghost' } }] }), task('a', { resource: 'huge' })],
};

let lab: Lab;
beforeAll(async () => {
  lab = await openLab('webhooks');
});
afterAll(async () => lab?.clear());

const refusalOf = async (attempt: Promise<unknown>): Promise<KubeError> => {
  const error: unknown = await attempt.then(
    () => undefined,
    (failure: unknown) => failure,
  );
  expect(error).toBeInstanceOf(KubeError);
  return error as KubeError;
};
/** Waits until the apiserver asks and is answered: it hears of configurations a moment after they were written. */
const answered = (name: string) =>
  until(
    () => refusalOf(lab.submit(name, bad, { dryRun: true })),
    ({ status }) => status === 422,
  );
const bundle = async (): Promise<string> =>
  Buffer.from((await lab.configuration()).webhooks?.[0]?.clientConfig.caBundle ?? '', 'base64').toString();

describe('a workflow that contradicts itself', () => {
  test('is refused with every problem at its path, and the same in a dry run', async () => {
    const webhooks = await lab.start();
    await answered('first');
    const stored = await refusalOf(lab.submit('bad', bad));
    expect(stored).toMatchObject({ status: 422, reason: 'Invalid' });
    for (const path of ['spec.tasks[0].inputs[0].task.name', 'spec.tasks[1].name', 'spec.tasks[1].resource']) {
      expect(stored.message).toContain(`${path}: `);
      expect(stored.details?.causes?.map(({ field }) => field)).toContain(path);
    }
    const dry = await refusalOf(lab.submit('bad', bad, { dryRun: true }));
    expect(dry.message).toBe(stored.message);
    await lab.submit('good', good);
    await webhooks.stop();
  });
});

describe('data that a workflow names', () => {
  test('is looked for as it is now: what was applied a moment before counts', async () => {
    const webhooks = await lab.start();
    await answered('data');
    const { client, namespace } = lab;
    const reading: WorkflowSpecInput = {
      tasks: [task('a', { inputs: [{ dataset: { name: 'robots/scenes:golden' } }] })],
    };
    const causeOf = async (): Promise<string> => (await refusalOf(lab.submit('reader', reading))).message;
    expect(await causeOf()).toContain('the namespace has no bucket "robots"');
    const head = (kind: string, name: string) => ({ apiVersion: Api.apiVersion, kind, metadata: { name, namespace } });
    await client.create(Buckets, { ...head('Bucket', 'robots'), spec: { url: 's3://robots/data' } } as Bucket);
    expect(await causeOf()).toContain('the namespace has no dataset "robots.scenes"');
    const tags = [{ name: 'golden', version: 1 }];
    const dataset = { ...head('Dataset', 'robots.scenes'), spec: { bucket: 'robots', name: 'scenes', tags } };
    await client.create(Datasets, dataset as Dataset);
    expect(await causeOf()).toContain('dataset "robots.scenes" has no version 1');
    const manifest = `blake3:${'0'.repeat(64)}`;
    const numbers = { version: 1, files: 1, logicalBytes: 1, storedBytes: 1 };
    const version = {
      ...head('DatasetVersion', 'robots.scenes.1'),
      spec: { dataset: 'robots.scenes', manifest, ...numbers },
    };
    await client.create(DatasetVersions, version as DatasetVersion);
    await lab.submit('reader', reading);
    await webhooks.stop();
  });
});

describe('certificates', () => {
  test('are renewed while calls are made, and no call fails', async () => {
    // Made two months ago: valid today, and due for renewal.
    const clock = new ShiftedClock(-61 * day);
    await lab.client.replace(Secret, { ...(await lab.secret()), data: {} });
    const webhooks = await lab.start({ clock });
    await answered('before');
    const served = () => webhooks.logger.lines.filter(({ message }) => message === 'serving with a certificate').length;
    const calls = { stop: false, made: 0, failed: [] as string[] };
    const caller = (async () => {
      while (!calls.stop) {
        try {
          // By the apiserver, and by somebody who connects anew each time.
          // oxlint-disable-next-line no-await-in-loop
          await lab.submit(`call-${calls.made}`, good, { dryRun: true });
          // oxlint-disable-next-line no-await-in-loop
          const { status } = await callOnce(webhooks.port, await bundle(), {});
          if (status !== 400) calls.failed.push(`status ${status}`);
        } catch (error) {
          calls.failed.push(String(error));
        }
        calls.made++;
      }
    })();
    const someCalls = async () => {
      const before = calls.made;
      await until(
        () => calls.made,
        (made) => made > before + 5,
      );
    };
    // Looks again as it would after some hours.
    const look = async () => {
      const secret = await lab.secret();
      await lab.client.patch(
        Secret,
        { namespace: lab.namespace, name: secret.metadata.name },
        { kind: 'merge', body: { metadata: { annotations: { look: String(clock.now().getTime()) } } } },
      );
    };
    await someCalls();
    expect(served()).toBe(1);
    clock.shiftTo(0);
    await look();
    await until(bundle, (pem) => pem.split('BEGIN CERTIFICATE').length === 3);
    await someCalls();
    // Trusted, not served yet: other apiservers may not have heard.
    expect(served()).toBe(1);
    clock.shiftTo(3600_000);
    await look();
    await until(served, (count) => count === 2);
    await someCalls();
    calls.stop = true;
    await caller;
    expect(calls.failed).toEqual([]);
    await webhooks.stop();
  });

  test('are one for all replicas, whoever makes it', async () => {
    await lab.client.replace(Secret, { ...(await lab.secret()), data: {} });
    const replicas = await Promise.all([lab.start(), lab.start({ beside: true })]);
    await answered('replicas');
    for (const { port } of replicas) {
      // oxlint-disable-next-line no-await-in-loop
      await until(
        async () => (await callOnce(port, await bundle(), {})).status,
        (status) => status === 400,
      );
    }
    await Promise.all(replicas.map((webhooks) => webhooks.stop()));
  });

  test('are trusted again when somebody else has written over the authority, or emptied the Secret', async () => {
    const webhooks = await lab.start();
    await answered('trusted');
    const right = await bundle();
    for (const type of [ValidatingConfigurations, MutatingConfigurations]) {
      const { name } = (await lab.configuration()).metadata;
      const path = '/webhooks/0/clientConfig/caBundle';
      await lab.client.patch(type, { name }, { kind: 'json', body: [{ op: 'remove', path }] });
    }
    await until(bundle, (pem) => pem === right);
    await answered('mended');
    await lab.client.replace(Secret, { ...(await lab.secret()), data: {} });
    await until(bundle, (pem) => pem !== right && pem !== '');
    await answered('anew');
    await webhooks.stop();
  });
});
