/** Certificates of the real cert-manager for the gateway and the webhooks, on a cluster of their own: make test-cert-manager. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { createClient, KubeError, loadAccess, Namespace, Pod, resourceType, Secret, systemClock } from '@osmo/kube';
import { downCluster, upCluster } from '../cluster/index.ts';
import { cacheFolder } from '../cluster/system/cache.ts';
import { poll } from '../cluster/system/poll.ts';
import { bringUp } from '../install/bring-up.ts';
import { startCertManager } from './program.ts';
import { MutatingConfigurations, ValidatingConfigurations } from '../../webhooks/src/kinds.ts';

const name = 'cert-manager-test';
const [namespace, team] = ['osmo-system', 'team'];
const root = join(import.meta.dirname, '../..');
const say = (line: string): void => void process.stdout.write(`${line}\n`);
await using cleanup = new AsyncDisposableStack();

const folder = mkdtempSync(join(tmpdir(), 'osmo-cert-manager-'));
cleanup.defer(() => rmSync(folder, { recursive: true, force: true }));
const values = join(folder, 'values.json');
writeFileSync(
  values,
  JSON.stringify({ apiGateway: { tls: { mode: 'CertManager' } }, webhooks: { certManager: { enabled: true } } }),
);
cleanup.defer(() => downCluster({ kind: 'local', name, say }));
const { kubeconfig, kubectl } = await upCluster({ kind: 'local', name, say });
const certManager = await startCertManager({ kubeconfig, kubectl, folder }, say);
cleanup.defer(() => certManager.stop());
await bringUp(
  { root, cache: cacheFolder(process.env), say },
  { ...process.env, CLUSTER: 'local', CLUSTER_NAME: name, OSMO_VALUES: values },
);
const access = await loadAccess({ kubeconfig, clock: systemClock, env: {} });
const admin = createClient({ access, userAgent: 'test-cert-manager' });
cleanup.defer(() => admin.close());
await admin.create(Namespace, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: team } });

const Workflows = resourceType({
  group: 'osmo.dev',
  version: 'v1alpha1',
  kind: 'Workflow',
  plural: 'workflows',
  namespaced: true,
});

const issued = async (part: string): Promise<Record<string, string>> =>
  (await admin.get(Secret, { namespace, name: `osmo-${part}-issued` })).data ?? {};

/** Whom the apiserver trusts, of each webhook. */
async function bundles(): Promise<(string | undefined)[]> {
  const kinds = [ValidatingConfigurations, MutatingConfigurations];
  const found = await Promise.all(kinds.map((type) => admin.get(type, { name: 'osmo-webhooks' })));
  return found.flatMap(({ webhooks = [] }) => webhooks.map(({ clientConfig }) => clientConfig.caBundle));
}

/** Whether the webhooks refuse a workflow that is wrong in a way that only they see. */
async function judged(): Promise<boolean> {
  const metadata = { name: 'wrong', namespace: team };
  const task = (own: string, other: string) => ({
    ...{ name: own, image: 'busybox', command: ['true'] },
    inputs: [{ task: { name: other } }],
  });
  const spec = { tasks: [task('a', 'b'), task('b', 'a')] };
  const workflow = { apiVersion: 'osmo.dev/v1alpha1', kind: 'Workflow', metadata, spec };
  try {
    await admin.create(Workflows, workflow, { dryRun: true });
    return false;
  } catch (error) {
    if (error instanceof KubeError && error.message.includes('cycle')) return true;
    throw error;
  }
}

/** Fingerprint of what the gateway serves, to somebody who trusts `ca`. */
async function served(ca: string): Promise<string> {
  const [pod] = (await admin.list(Pod, { namespace, labelSelector: 'app.kubernetes.io/component=api-gateway' })).items;
  const servername = `osmo-api-gateway.${namespace}.svc`;
  const socket = connect({ host: pod?.status?.podIP ?? '', port: 8000, servername, ca });
  try {
    await once(socket, 'secureConnect');
    return socket.getPeerX509Certificate()?.fingerprint256 ?? '';
  } finally {
    socket.destroy();
  }
}

/** As `cmctl renew` does. */
async function renew(certificate: string): Promise<void> {
  const condition = { type: 'Issuing', status: 'True', reason: 'ManuallyTriggered', message: 'by a test' };
  const path = `/apis/cert-manager.io/v1/namespaces/${namespace}/certificates/${certificate}/status`;
  const held = JSON.parse((await admin.request('GET', path)).body.toString()) as {
    status: { conditions: { type: string }[] };
  };
  const others = held.status.conditions.filter(({ type }) => type !== condition.type);
  const conditions = [...others, { ...condition, lastTransitionTime: new Date().toISOString().replace(/\.\d+/, '') }];
  await admin.request('PATCH', path, {
    body: { status: { conditions } },
    contentType: 'application/merge-patch+json',
  });
}

const uids = async (): Promise<string[]> =>
  (await admin.list(Pod, { namespace })).items.map(({ metadata }) => metadata.uid ?? '').toSorted();
const text = (base64: string | undefined): string => Buffer.from(base64 ?? '', 'base64').toString();
const limit = { timeoutMs: 120_000 };

const before = { gateway: await issued('api-gateway'), webhooks: await issued('webhooks'), pods: await uids() };
const ca = text(before.gateway['ca.crt']);
const first = await served(ca);
assert.notEqual(first, '');
say('ok  the gateway serves a certificate of cert-manager, which its authority vouches for');
const isTold = async (): Promise<true | undefined> =>
  (await bundles()).every((bundle) => bundle === before.webhooks['ca.crt']) || undefined;
await poll('the injector', isTold, limit);
await poll('a judgement of the webhooks', async () => (await judged()) || undefined, limit);
say('ok  the apiserver was told by the injector whom to trust, and asks the webhooks');

await Promise.all(['osmo-api-gateway', 'osmo-webhooks'].map(renew));
let [asked, passed] = [0, 0];
await poll(
  'the renewal of both',
  async () => {
    if (!(await judged())) passed++;
    asked++;
    const now = { gateway: await issued('api-gateway'), webhooks: await issued('webhooks') };
    const both = (['gateway', 'webhooks'] as const).every((part) => now[part]['tls.crt'] !== before[part]['tls.crt']);
    return (both && (await served(ca)) !== first) || undefined;
  },
  limit,
);
for (let more = 0; more < 20; more++) assert.equal(await judged(), true);
// Nobody passed unjudged meanwhile.
assert.equal(passed, 0);
assert.equal(await isTold(), true);
assert.deepEqual(await uids(), before.pods);
say(`ok  both were renewed, under the same authorities and by the same pods, and all ${asked + 20} calls were judged`);
