import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { obtain } from '../cluster/components/obtain.ts';
import type { Component } from '../cluster/components/table.ts';
import { type Child, logTail, startChild } from '../cluster/control-plane/child.ts';
import { run } from '../cluster/system/run.ts';

const library = 'github.com/cert-manager/cert-manager';
const module = join(import.meta.dirname, '../components/cert-manager');
/** cert-manager publishes images of its programs and no files, so this is built from its packages: hack/components/cert-manager. */
const certManager: Component = {
  name: 'cert-manager',
  version: 'v1.21.2',
  module: 'cert-manager',
  package: 'osmo.dev/hack/components/cert-manager',
  ldflags: '-s -w',
  // It has no way to say its version: one on PATH is never taken.
  versionArguments: ['-help'],
  baseUrlVariable: 'CERT_MANAGER_RELEASE_URL',
  baseUrl: 'https://github.com/cert-manager/cert-manager/releases/download',
  release: (os, architecture) => {
    const path = `/v1.21.2/cert-manager-${os}-${architecture}`;
    return { path, checksumPath: `${path}.sha256` };
  },
};

/**
 * Installs cert-manager's resource definitions on a cluster and starts its controllers and its injector on this machine, as the
 * cluster's administrator; its webhook, which only checks what people write, isn't needed. It dies with this process.
 *
 * @param folder for its log
 */
export async function startCertManager(
  { kubeconfig, kubectl, folder }: { kubeconfig: string; kubectl: string; folder: string },
  say: (line: string) => void,
): Promise<{ stop(): Promise<void> }> {
  const command = await obtain(certManager, say);
  const { stdout } = await run('go', ['list', '-m', '-f', '{{.Dir}}', library], { cwd: module });
  const definitions = join(stdout.trim(), 'deploy/crds');
  const files = readdirSync(definitions).filter((file) => file.endsWith('.yaml'));
  await run(kubectl, ['apply', '--server-side', ...files.flatMap((file) => ['-f', join(definitions, file)])], {
    environment: { ...process.env, KUBECONFIG: kubeconfig },
    timeoutMs: 120_000,
  });
  const logFile = join(folder, 'cert-manager.log');
  const child: Child = startChild({
    name: 'cert-manager',
    command,
    arguments: [],
    environment: { KUBECONFIG: kubeconfig },
    logFile,
  });
  return {
    async stop() {
      const how = child.ended();
      if (how !== undefined) say(`cert-manager ended by itself: ${how}\n${logTail(logFile, 20)}`);
      await child.end('SIGTERM');
    },
  };
}
