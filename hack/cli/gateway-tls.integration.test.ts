import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type KubeClient, Namespace, Secret } from '@osmo/kube';
import { defaultPolicy, type Generation } from '@osmo/kube/certificates';
import { issueGeneration } from '@osmo/kube/certificates/issue';
import { connectToTestCluster, installDefinitions, newNamespace, until } from '@osmo/kube/testing';
import { startGateway } from '../../api-gateway/src/testing/gateway.ts';
import { run, type RunResult } from '../cluster/system/run.ts';

/* The osmo command at a gateway that serves TLS by certificates of an authority that nobody else knows. */

const root = new URL('../../', import.meta.url);
const minute = 60_000;
let admin: KubeClient;
let namespace: string;
let folder: string;
/** Two authorities, each with a certificate for this machine. */
let certificates: Generation[];
const authority = (at: number): string => join(folder, `ca-${at}.crt`);

beforeAll(async () => {
  admin = await connectToTestCluster();
  await installDefinitions(admin, new URL('crds/yaml/', root));
  namespace = await newNamespace(admin, 'cli-tls');
  folder = mkdtempSync(join(tmpdir(), 'osmo-cli-tls-'));
  certificates = await Promise.all([0, 1].map(() => issueGeneration(['127.0.0.1'], defaultPolicy, new Date())));
  for (const [at, { ca }] of certificates.entries()) writeFileSync(authority(at), ca);
}, minute);
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await admin.delete(Namespace, { name: namespace });
  await admin.close();
});

const dataOf = (at: number): Record<string, string> => {
  const { certificate = '', key = '' } = certificates[at] ?? {};
  const [crt, pem] = [certificate, key].map((text) => Buffer.from(text).toString('base64'));
  return { 'tls.crt': crt ?? '', 'tls.key': pem ?? '' };
};

function osmo(args: readonly string[], environment: NodeJS.ProcessEnv = {}): Promise<RunResult> {
  const own = { PATH: process.env['PATH'], HOME: folder, OSMO_CONFIG_FILE_DIR: folder };
  return run(process.execPath, [new URL('cli/src/main.ts', root).pathname, ...args], {
    environment: { ...own, ...environment },
    allowFailure: true,
    timeoutMs: 4 * minute,
  });
}

test(
  'the osmo command signs in where it is told whom to trust, else says what to do, and follows a certificate that is replaced',
  async () => {
    const metadata = { name: 'certificate', namespace };
    await admin.create(Secret, { apiVersion: 'v1', kind: 'Secret', metadata, data: dataOf(0) });
    await using gateway = await startGateway([`--namespace=${namespace}`, '--tls-secret=certificate']);
    const url = `https://127.0.0.1:${new URL(gateway.url).port}`;
    const login = (...more: string[]) => osmo(['login', url, '--method', 'dev', '--username', 'ada', ...more]);
    const advice = expect.stringMatching(/isn't trusted.*--certificate-authority FILE/);

    expect(await login()).toMatchObject({ code: 10, stderr: advice });
    expect(await login('--certificate-authority', authority(1))).toMatchObject({ code: 10, stderr: advice });
    expect(await login('--certificate-authority', authority(0))).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('Welcome ada.'),
    });
    // The login keeps it.
    expect(await osmo(['profile', 'list'])).toMatchObject({ code: 0, stdout: expect.stringContaining('ada') });

    const held = await admin.get(Secret, metadata);
    await admin.replace(Secret, { ...held, data: dataOf(1) });
    const refused = await until(
      () => osmo(['profile', 'list']),
      ({ code }) => code !== 0,
      4 * minute,
    );
    expect(refused).toMatchObject({ code: 10, stderr: advice });
    const environment = { OSMO_URL: url, OSMO_CERTIFICATE_AUTHORITY: authority(1) };
    expect(await osmo(['profile', 'list'], environment)).toMatchObject({ code: 0 });
    expect(await login('--certificate-authority', authority(1))).toMatchObject({ code: 0 });
    expect(await osmo(['profile', 'list'])).toMatchObject({ code: 0 });
  },
  10 * minute,
);
