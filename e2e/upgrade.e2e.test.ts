import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type KubeClient, Pod, Secret } from '@osmo/kube';
import { until } from '@osmo/kube/testing';
import { poll } from '../hack/cluster/system/poll.ts';
import { connectToCluster, systemNamespace, uninstallOsmo, upgradeOsmo } from './harness/connect.ts';
import { clear, endOf, type Lab, newLab, podsOf, shell, submit, taskWhen } from './harness/lab.ts';
import { faultsOf, makeLedgerPool, startWorkload } from './harness/workload.ts';

let client: KubeClient;
let lab: Lab;
/** Installs what a test uninstalled, so that files which run later find an installation whatever failed. */
let reinstall: (() => Promise<void>) | undefined;

beforeAll(async () => {
  client = await connectToCluster();
  lab = await newLab(client, 'e2e-upgrade', 'privileged');
  await makeLedgerPool(lab);
}, 600_000);
afterAll(async () => reinstall?.(), 600_000);

const servedCertificate = async (): Promise<string | undefined> =>
  (await client.get(Secret, { namespace: systemNamespace, name: 'osmo-webhooks-tls' })).data?.['tls.crt'];
const ours = async (): Promise<Pod[]> => (await client.list(Pod, { namespace: systemNamespace })).items;

describe('the chart on a real cluster', () => {
  test('is installed: every pod is ready and runs without privileges', async () => {
    const pods = await until(ours, (all) =>
      all.every(
        ({ metadata, status }) =>
          metadata.deletionTimestamp === undefined && status?.containerStatuses?.every(({ ready }) => ready) === true,
      ),
    );
    const components = pods.map(({ metadata }) => metadata.labels?.['app.kubernetes.io/component'] ?? '');
    expect(components.toSorted((a, b) => a.localeCompare(b))).toEqual([
      'api-gateway',
      'backend-operator',
      'backend-operator',
      'controllers',
      'controllers',
      'webhooks',
    ]);
    for (const pod of pods) expect(pod.spec.securityContext?.runAsNonRoot).toBe(true);
  });

  test('is upgraded under running workflows: every pod is replaced, every task runs exactly once', async () => {
    const before = new Set((await ours()).map((pod) => pod.metadata.uid));
    const certificate = await servedCertificate();
    const workload = await startWorkload(lab, 'upgrade');
    const parts = ['controllers', 'backendOperator', 'apiGateway', 'webhooks'];
    // Another annotation of the pods replaces all of them, as a new version does.
    const stamp = `podAnnotations.rolled=${Date.now()}`;
    await upgradeOsmo(parts.flatMap((part) => ['--set-string', `${part}.${stamp}`]));
    expect(await faultsOf(lab, workload)).toEqual([]);
    const after = (await ours()).filter((pod) => pod.metadata.deletionTimestamp === undefined);
    expect(after.filter((pod) => before.has(pod.metadata.uid))).toEqual([]);
    // The chart has the Secret, but not what is in it.
    expect(certificate).toBeDefined();
    expect(await servedCertificate()).toBe(certificate);
  }, 900_000);

  test('keeps workflows when it is uninstalled, and goes on with them when it is back', async () => {
    await submit(lab, 'survivor', { tasks: [shell('t', 'sleep 5; exit 7')] });
    await taskWhen(lab, 'survivor', 't', ['Running']);
    reinstall = await uninstallOsmo();
    await reinstall();
    const { tasks } = await endOf(lab, 'survivor');
    expect(tasks.get('t')!.status).toMatchObject({ phase: 'Failed', reason: 'Error', exitCode: 7, attempt: 0 });
  }, 900_000);

  test('leaves no pod behind when it is uninstalled after its workflows were deleted', async () => {
    await submit(lab, 'last', { tasks: [shell('t', 'sleep 300')] });
    await taskWhen(lab, 'last', 't', ['Running']);
    await clear(lab);
    reinstall = await uninstallOsmo();
    const none = async (): Promise<true | undefined> => ((await ours()).length === 0 ? true : undefined);
    await poll('no pod in the namespace of the installation', none, { timeoutMs: 300_000 });
    expect(await podsOf(lab)).toEqual([]);
  }, 900_000);
});
