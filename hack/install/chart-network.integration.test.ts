import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Labels, UpstreamPodLabels } from '@osmo/crds';
import { type KubeClient, type KubeObject, type LabelSelector, Namespace, Pod, resourceType } from '@osmo/kube';
import { connectToTestCluster, newNamespace } from '@osmo/kube/testing';
import { obtainAll } from '../cluster/components/obtain.ts';
import { objectsOf, renderChart, type RenderedObject } from './rendered-chart.ts';

/* The chart's NetworkPolicies at a real apiserver, which says whether they are well-formed and which pods their selectors find. */

const { helm = '' } = await obtainAll(['helm'], () => undefined);
const chart = join(import.meta.dirname, '../../charts/osmo');
interface NetworkPolicy extends KubeObject {
  spec: { podSelector: LabelSelector };
}
const NetworkPolicies = resourceType<NetworkPolicy>({
  group: 'networking.k8s.io',
  version: 'v1',
  kind: 'NetworkPolicy',
  plural: 'networkpolicies',
  namespaced: true,
});

let admin: KubeClient;
/** Of the installation, and of workflows. */
let system: string;
let team: string;
beforeAll(async () => {
  admin = await connectToTestCluster();
  [system, team] = await Promise.all([newNamespace(admin, 'network-system'), newNamespace(admin, 'network-team')]);
});
afterAll(async () => {
  await Promise.all([system, team].map((name) => admin.delete(Namespace, { name })));
  await admin.close();
});

const make = (namespace: string, name: string, labels: Record<string, string>) =>
  admin.create(Pod, {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace, labels },
    spec: { automountServiceAccountToken: false, containers: [{ name: 'c', image: 'none' }] },
  });

/** As the apiserver takes it in a list. */
const selectorText = ({ matchLabels = {}, matchExpressions = [] }: LabelSelector): string =>
  [
    ...Object.entries(matchLabels).map(([key, value]) => `${key}=${value}`),
    ...matchExpressions.map(({ key, operator }) => {
      expect(operator).toBe('Exists');
      return key;
    }),
  ].join(',');

test('are taken, and each finds the pods of its part, or those of tasks, and no others', async () => {
  const networkPolicy = { enabled: true, tasks: { namespaces: [team], to: [{ namespaceSelector: {} }] } };
  const objects = objectsOf(renderChart({ helm, chart, values: { networkPolicy } }));
  const parts = objects.filter(({ kind }) => kind === 'Deployment');
  const labelsOf = ({ spec }: RenderedObject) =>
    (spec as { template: { metadata: { labels: Record<string, string> } } }).template.metadata.labels;
  await Promise.all(parts.map((part) => make(system, part.metadata.name, labelsOf(part))));
  // Of another installation beside this one, and of somebody else.
  const other = objectsOf(renderChart({ helm, chart, release: 'other' })).filter(({ kind }) => kind === 'Deployment');
  await Promise.all(other.map((part) => make(system, part.metadata.name, labelsOf(part))));
  await make(system, 'stranger', { app: 'stranger' });
  await make(team, 'task', { [UpstreamPodLabels.workflowId]: 'w', [Labels.backend]: 'default' });
  await make(team, 'stranger', { app: 'stranger' });

  const policies = objects.filter(({ kind }) => kind === 'NetworkPolicy');
  expect(policies).toHaveLength(5);
  for (const policy of policies) {
    const { name, namespace: rendered } = policy.metadata;
    const namespace = rendered === team ? team : system;
    const object = { ...policy, metadata: { name, namespace } } as unknown as NetworkPolicy;
    // One after the other: the message of a failure names the policy.
    // oxlint-disable-next-line no-await-in-loop
    const { spec } = await admin.create(NetworkPolicies, object, { fieldValidation: 'Strict' });
    const labelSelector = selectorText(spec.podSelector);
    expect(labelSelector).not.toBe('');
    // oxlint-disable-next-line no-await-in-loop
    const { items } = await admin.list(Pod, { namespace, labelSelector });
    const found = items.map(({ metadata }) => metadata.name);
    expect([name, found]).toEqual([name, [rendered === team ? 'task' : name]]);
  }
}, 120_000);
