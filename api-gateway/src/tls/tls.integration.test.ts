import { once } from 'node:events';
import { Agent, get as httpsGet } from 'node:https';
import { connect, type TLSSocket } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ConfigMap, type KubeClient, Namespace, Secret } from '@osmo/kube';
import { defaultPolicy, type Generation } from '@osmo/kube/certificates';
import { issueGeneration } from '@osmo/kube/certificates/issue';
import { connectToTestCluster, installDefinitions, newNamespace, until } from '@osmo/kube/testing';
import { startGateway } from '../testing/gateway.ts';

const host = 'osmo.example';
let admin: KubeClient;
let namespace: string;
beforeAll(async () => {
  admin = await connectToTestCluster();
  await installDefinitions(admin, new URL('../../../crds/yaml/', import.meta.url));
  namespace = await newNamespace(admin, 'gateway-tls');
});
afterAll(async () => {
  await admin.delete(Namespace, { name: namespace });
  await admin.close();
});

const base64 = (text: string): string => Buffer.from(text).toString('base64');
const secret = (name: string, data: Record<string, string>): Secret => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name, namespace },
  data,
});
/** As issuers of public certificates fill it: without their own. */
const filled = ({ certificate, key }: Generation) => ({ 'tls.crt': base64(certificate), 'tls.key': base64(key) });

interface Got {
  status: number;
  headers: Readonly<Record<string, string | string[] | undefined>>;
}

/** A request by a client that trusts these authorities alone. */
function ask(url: string, ca: string, agent?: Agent): Promise<Got> {
  const options = { host: '127.0.0.1', port: new URL(url).port, path: '/api/version', ca, servername: host };
  return new Promise((resolve, reject) => {
    httpsGet({ ...options, ...(agent === undefined ? {} : { agent }) }, (response) => {
      response.resume().once('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers }));
    }).once('error', reject);
  });
}

/** Fingerprint of what a new connection is served with. */
async function fingerprintAt(url: string): Promise<string> {
  const options = { host: '127.0.0.1', port: Number(new URL(url).port), servername: host };
  const socket: TLSSocket = connect({ ...options, rejectUnauthorized: false });
  try {
    await once(socket, 'secureConnect');
    return socket.getPeerX509Certificate()?.fingerprint256 ?? '';
  } finally {
    socket.destroy();
  }
}

describe('TLS of the gateway', () => {
  test('is by a certificate of its own, whose authority is published; in the clear there is nothing', async () => {
    await admin.create(Secret, secret('own', {}));
    await admin.create(ConfigMap, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'ca', namespace } });
    const flags = ['--tls-secret=own', '--tls-authorities=ca', `--tls-name=${host}`, '--tls-name=127.0.0.1'];
    await using gateway = await startGateway([`--namespace=${namespace}`, ...flags]);
    const published = await until(
      async () => (await admin.get(ConfigMap, { namespace, name: 'ca' })).data?.['ca.crt'] ?? '',
      (text) => text !== '',
    );
    const { status, headers } = await ask(gateway.url, published);
    expect([status, headers['strict-transport-security']]).toEqual([200, 'max-age=31536000']);
    await expect(ask(gateway.url, (await issueGeneration([host], defaultPolicy, new Date())).ca)).rejects.toThrow(
      /certificate/,
    );
    await expect(fetch(`${gateway.url}/api/version`)).rejects.toThrow('fetch failed');
    const kept = await admin.get(Secret, { namespace, name: 'own' });
    expect(Object.keys(kept.data ?? {}).toSorted()).toEqual(['ca.crt', 'tls.crt', 'tls.key']);
    expect(JSON.stringify(gateway.logger.lines)).not.toContain('PRIVATE');
    // Another replica takes what is there.
    await using other = await startGateway([`--namespace=${namespace}`, ...flags]);
    expect(await fingerprintAt(other.url)).toBe(await fingerprintAt(gateway.url));
  });

  test('is by what somebody else puts into the Secret, from the next connection on', async () => {
    const [first, second] = await Promise.all([1, 2].map(() => issueGeneration([host], defaultPolicy, new Date())));
    if (first === undefined || second === undefined) throw new Error('two were made');
    await admin.create(Secret, secret('given', filled(first)));
    await using gateway = await startGateway([`--namespace=${namespace}`, '--tls-secret=given']);
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    try {
      expect((await ask(gateway.url, first.ca, agent)).status).toBe(200);
      const before = await fingerprintAt(gateway.url);
      const held = await admin.get(Secret, { namespace, name: 'given' });
      await admin.replace(Secret, { ...held, data: filled(second) });
      await until(
        () => fingerprintAt(gateway.url),
        (now) => now !== before,
      );
      expect((await ask(gateway.url, second.ca)).status).toBe(200);
      await expect(ask(gateway.url, first.ca)).rejects.toThrow(/certificate/);
      // Who was connected before goes on.
      expect((await ask(gateway.url, first.ca, agent)).status).toBe(200);
    } finally {
      agent.destroy();
    }
  });
});
