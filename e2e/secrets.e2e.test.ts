import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ConfigMap, isAlreadyExists, isNotFound, type KubeClient, Pod } from '@osmo/kube';
import { openStore } from '@osmo/storage';
import { poll } from '../hack/cluster/system/poll.ts';
import { auditLog, connectToCluster, kubeconfig, systemNamespace } from './harness/connect.ts';
import { newLab } from './harness/lab.ts';
import { report, searchFor } from './secrets/findings.ts';
import { inFile, inFolder, inLiveObjects, inRecordedObjects, type Looked } from './secrets/places.ts';
import { readPlanted, seenFiles } from './secrets/planted.ts';
import type { Search } from './secrets/search.ts';

/* The last suite of a run: it looks for every secret that the others planted, in all that they left behind. */

const minutes = 60_000;
const namespace = 'e2e-secrets';
/** Put into each place, so that a search which finds nothing there is known to be able to. */
const probe = { value: `probe-${randomBytes(12).toString('hex')}`, where: 'the probe' };
const probeId = Date.now().toString(36);
const places = [
  'logs of programs',
  'stored logs and records',
  'objects',
  'objects that are gone',
  'audit log',
  'refusals',
] as const;
let client: KubeClient;
let looked: Record<(typeof places)[number], Looked>;
let planted: readonly { where: string }[];

const exported = (file: string): Record<string, string> => {
  const text = readFileSync(join(dirname(kubeconfig()), 'env.d', file), 'utf8');
  return Object.fromEntries([...text.matchAll(/^export (\w+)='(.*)'$/gm)].map(([, name, value]) => [name, value]));
};
const probeAlone = (): Search => searchFor([probe]);
const until = (what: string, is: () => boolean | Promise<boolean>): Promise<true> =>
  poll(what, async () => (await is()) || undefined, { timeoutMs: 5 * minutes, intervalMs: 500 });
/** Until it works, whatever a busy machine says meanwhile; that it has been done already is as good. */
const done = (what: string, action: () => Promise<unknown>): Promise<true> =>
  until(what, async () => {
    try {
      await action();
    } catch (error) {
      if (!isAlreadyExists(error) && !isNotFound(error)) throw error;
    }
    return true;
  });

/** A container of the installation's namespace that says it, and is gone then. */
async function probeLogs(): Promise<void> {
  const name = `e2e-secrets-${probeId}`;
  const securityContext = {
    ...{ allowPrivilegeEscalation: false, runAsNonRoot: true, runAsUser: 65_534 },
    ...{ capabilities: { drop: ['ALL'] }, seccompProfile: { type: 'RuntimeDefault' } },
  };
  const command = ['sh', '-c', `echo "password: ${probe.value}"`];
  const container = { name: 'a', image: 'busybox', imagePullPolicy: 'IfNotPresent', command, securityContext };
  const ref = { name, namespace: systemNamespace };
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: ref,
    spec: { restartPolicy: 'Never', containers: [container] },
  };
  await done('a pod', () => client.create(Pod, pod as unknown as Pod));
  const { logs } = seenFiles(kubeconfig());
  await until('the log of a pod', () => inFolder(probeAlone(), logs).findings.length > 0);
  await done('the end of a pod', () => client.delete(Pod, ref));
}

/** A map that is there, and one that is gone. */
async function probeObjects(): Promise<void> {
  const data = { settings: JSON.stringify({ auth: Buffer.from(`robot:${probe.value}`).toString('base64') }) };
  const map = (name: string) =>
    ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace }, data }) as ConfigMap;
  const goes = `goes-${probeId}`;
  for (const name of [`stays-${probeId}`, goes]) await done(name, () => client.create(ConfigMap, map(name)));
  await done(`the end of ${goes}`, () => client.delete(ConfigMap, { name: goes, namespace }));
  const seen = (): boolean => {
    const { findings } = inRecordedObjects(probeAlone(), seenFiles(kubeconfig()));
    return findings.some(({ place }) => place.includes(`${namespace}/${goes}`));
  };
  await until('the recorder to see a map that is gone', seen);
}

async function probeStore(): Promise<void> {
  const { OSMO_S3_ENDPOINT, OSMO_S3_BUCKET, OSMO_S3_REGION, ...keys } = exported('s3');
  const store = await openStore(`s3://${OSMO_S3_BUCKET}?endpoint=${OSMO_S3_ENDPOINT}&region=${OSMO_S3_REGION}`, {
    credentials: {
      accessKeyId: keys['OSMO_S3_ACCESS_KEY_ID'] ?? '',
      secretAccessKey: keys['OSMO_S3_SECRET_ACCESS_KEY'] ?? '',
    },
    environment: {},
  });
  await done('an object in the store', () =>
    store.put(`logs/${namespace}/probe/00000000.log.gz`, gzipSync(`one\n${probe.value}\n`)),
  );
  await store.close();
}

/** In the addresses of requests: the audit log of the apiserver has those, and refusals of the gateway may repeat them. */
async function probeRequests(): Promise<void> {
  const list = `/api/v1/namespaces/${namespace}/configmaps?labelSelector=${probe.value}`;
  await done('a list', () => client.request('GET', list));
  await until('the audit log', () => inFile(probeAlone(), auditLog()).findings.length > 0);
  const path = `${exported('gateway')['OSMO_URL']}/api/workflow/${namespace}.${probe.value}`;
  await until('a refusal of the gateway', async () => {
    await (await fetch(path, { headers: { 'x-osmo-user': 'ada' } })).text();
    return inFile(probeAlone(), seenFiles(kubeconfig()).answers).findings.length > 0;
  });
}

beforeAll(async () => {
  client = await connectToCluster();
  await done('the namespace', () => newLab(client, namespace));
  await Promise.all([probeLogs(), probeObjects(), probeStore(), probeRequests()]);
  const files = seenFiles(kubeconfig());
  const all = readPlanted(files);
  planted = all;
  const search = searchFor([...all, probe]);
  looked = {
    'logs of programs': inFolder(search, files.logs),
    'stored logs and records': inFolder(search, join(dirname(kubeconfig()), 'data/s3/buckets')),
    objects: await poll('all objects', () => inLiveObjects(search, client), { timeoutMs: 5 * minutes }),
    'objects that are gone': inRecordedObjects(search, files),
    'audit log': inFile(search, auditLog()),
    refusals: inFile(search, files.answers),
  };
}, 20 * minutes);
afterAll(async () => {
  await client.close();
}, minutes);

test('many secrets were planted, of several kinds', () => {
  expect(planted.length).toBeGreaterThan(10);
  const kinds = [/^Secret osmo-system\/osmo-api-gateway-keys /, /secret_?access_?key/i, /^token of pod /, /tls\.key$/];
  for (const kind of kinds) expect(planted.map(({ where }) => where)).toContainEqual(expect.stringMatching(kind));
});

describe.each(places)('%s', (place) => {
  test('are looked through: the probe is found', () => {
    expect(looked[place].findings).toContainEqual(expect.objectContaining({ what: probe.where }));
  });

  test('hold no secret', () => {
    expect(report(looked[place].findings.filter(({ what }) => what !== probe.where))).toEqual([]);
  });
});
