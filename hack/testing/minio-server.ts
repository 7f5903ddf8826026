import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { logTail, startChild } from '../cluster/control-plane/child.ts';
import { obtain } from '../cluster/components/obtain.ts';
import type { Component } from '../cluster/components/table.ts';
import { freePorts } from '../cluster/system/free-port.ts';
import { poll } from '../cluster/system/poll.ts';

/** MinIO, for tests. It dies with the process that started it. */
export interface MinioServer {
  /** Base URL; buckets are in its path. */
  readonly endpoint: string;
  readonly credentials: { accessKeyId: string; secretAccessKey: string };
  stop(): Promise<void>;
}

const readyMs = 90_000;
/** AGPL: only for tests that are asked for, in no image and no bundle. Its tags are no versions of Go modules. */
const minio: Component = {
  name: 'minio',
  version: 'v0.0.0-20260212201848',
  module: 'minio',
  package: 'github.com/minio/minio',
  ldflags: '-s -w',
  versionArguments: ['--version'],
  baseUrlVariable: 'MINIO_RELEASE_URL',
  baseUrl: 'https://dl.min.io/server/minio/release',
  release: (os, architecture) => {
    const path = `/${os}-${architecture}/archive/minio.RELEASE.2026-02-12T20-18-48Z`;
    return { path, checksumPath: `${path}.sha256sum` };
  },
};
const credentials = { accessKeyId: 'test-access', secretAccessKey: 'test-secret-key' };

/**
 * Starts MinIO on a free port of 127.0.0.1 with a fresh folder that holds these buckets. Resolves when it answers.
 *
 * @throws Error with the end of its log
 */
export async function startMinio(buckets: readonly string[]): Promise<MinioServer> {
  const program = await obtain(minio, (line) => process.stderr.write(`${line}\n`));
  const directory = mkdtempSync(join(tmpdir(), 'osmo-minio-'));
  // A folder beside its own is a bucket.
  for (const bucket of buckets) mkdirSync(join(directory, 'data', bucket), { recursive: true });
  const [port = 0] = await freePorts(1);
  const endpoint = `http://127.0.0.1:${port}`;
  const logFile = join(directory, 'minio.log');
  const child = startChild({
    name: 'minio',
    command: program,
    arguments: ['server', '--quiet', '--address', `127.0.0.1:${port}`, join(directory, 'data')],
    environment: {
      MINIO_ROOT_USER: credentials.accessKeyId,
      MINIO_ROOT_PASSWORD: credentials.secretAccessKey,
      MINIO_UPDATE: 'off',
      MINIO_BROWSER: 'off',
    },
    logFile,
  });
  const stop = async (): Promise<void> => {
    await child.end('SIGTERM');
    rmSync(directory, { recursive: true, force: true });
  };
  const alive = (): void => {
    if (child.ended() !== undefined) throw new Error(`minio did not start: ${child.ended()}`);
  };
  try {
    await poll(
      'an answer of MinIO',
      async () => {
        const answer = await fetch(`${endpoint}/minio/health/ready`, { signal: AbortSignal.timeout(5000) });
        await answer.body?.cancel();
        return answer.ok ? true : undefined;
      },
      { timeoutMs: readyMs, giveUp: alive },
    );
    alive();
  } catch (error) {
    const text = `${(error as Error).message}\n${logTail(logFile)}`;
    await stop();
    throw new Error(text, { cause: error });
  }
  return { endpoint, credentials, stop };
}
