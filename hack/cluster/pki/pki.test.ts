import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { issueCertificates } from './issue.ts';
import { certificateRequests } from './plan.ts';

const input = { apiserverAddresses: ['10.112.0.1', '10.201.0.2'], node: { name: 'n1', addresses: ['10.201.0.2'] } };

describe('the certificates of a cluster', () => {
  let scratch: string;
  let folder: string;
  const read = (file: string): X509Certificate => new X509Certificate(readFileSync(join(folder, `${file}.crt`)));

  beforeAll(async () => {
    scratch = mkdtempSync(join(tmpdir(), 'osmo-pki-'));
    folder = join(scratch, 'pki');
    await issueCertificates(folder, input);
  });
  afterAll(() => rmSync(scratch, { recursive: true, force: true }));

  test.each(certificateRequests(input).map((request) => [request.file, request] as const))(
    '%s is signed by its authority alone, for its key, and can sign nothing',
    (file, request) => {
      const certificate = read(file);
      const signers = ['ca', 'etcd-ca', 'front-proxy-ca'].filter((name) => certificate.verify(read(name).publicKey));
      expect(signers).toEqual([request.authority]);
      expect(certificate.ca).toBe(false);
      const key = readFileSync(join(folder, `${file}.key`), 'utf8');
      expect(key).toContain('PRIVATE KEY');
      expect(certificate.subject.split('\n')).toContain(`CN=${request.commonName}`);
    },
  );

  test('name the groups that Kubernetes gives rights to', () => {
    expect(read('admin').subject.split('\n')).toEqual(['O=system:masters', 'CN=kubernetes-admin']);
    expect(read('kubelet').subject.split('\n')).toEqual(['O=system:nodes', 'CN=system:node:n1']);
    const masters = certificateRequests(input).filter((request) => request.organizations?.includes('system:masters'));
    expect(masters.map((request) => request.file)).toEqual(['admin']);
  });

  test('serve under every address and name they are reached by', () => {
    const apiserver = read('apiserver');
    for (const address of ['127.0.0.1', ...input.apiserverAddresses]) expect(apiserver.checkIP(address)).toBe(address);
    for (const name of ['localhost', 'kubernetes.default.svc']) expect(apiserver.checkHost(name)).toBe(name);
    expect(apiserver.checkHost('example.com')).toBeUndefined();
    expect(read('kubelet-server').checkIP('10.201.0.2')).toBe('10.201.0.2');
  });

  test('can not serve when made for clients', () => {
    expect(read('admin').keyUsage).toEqual(['1.3.6.1.5.5.7.3.2']);
    expect(read('apiserver').keyUsage).toEqual(['1.3.6.1.5.5.7.3.1']);
  });

  test('keep their keys from others', () => {
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    const keys = readdirSync(folder).filter((file) => file.endsWith('.key'));
    expect(keys.length).toBeGreaterThan(10);
    for (const key of keys) expect(statSync(join(folder, key)).mode & 0o777).toBe(0o600);
  });

  test('stay the same for the same cluster and are made anew for another', async () => {
    const before = read('ca').fingerprint256;
    await issueCertificates(folder, input);
    expect(read('ca').fingerprint256).toBe(before);
    await issueCertificates(folder, { ...input, apiserverAddresses: ['10.112.64.1'] });
    expect(read('ca').fingerprint256).not.toBe(before);
    expect(readdirSync(scratch)).toEqual(['pki']);
  });
});
