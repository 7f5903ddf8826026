import { createHash } from 'node:crypto';
import { chmodSync, createWriteStream, mkdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream } from 'node:stream/web';
import { run } from '../system/run.ts';
import type { Component } from './table.ts';

/** A release that could not be had, or that is not what was published. */
export class DownloadError extends Error {
  override name = 'DownloadError';
}

export interface DownloadOptions {
  environment: NodeJS.ProcessEnv;
  os: string;
  architecture: string;
  /** How long to wait for an answer before saying that there is no network. */
  connectMs?: number;
  /** How long without a single byte. */
  stallMs?: number;
  say?: (line: string) => void;
}

/**
 * Finds a file's SHA-256 in a published checksum file: a bare digest, or lines of `<digest>  <file>`.
 */
export function publishedChecksum(text: string, file: string): string | undefined {
  const lines = text
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+\*?/));
  const digest =
    lines.length === 1 && lines[0]?.length === 1 ? lines[0][0] : lines.find(([, name]) => name === file)?.[0];
  return digest !== undefined && /^[0-9a-f]{64}$/i.test(digest) ? digest.toLowerCase() : undefined;
}

/**
 * Downloads a component's official release to `target` (complete and executable, or not there at all), after its
 * published SHA-256 was found right. One at a time for a target.
 *
 * @throws DownloadError for no answer, a status other than 200, a missing or wrong checksum, a truncated body.
 */
export async function downloadRelease(component: Component, target: string, options: DownloadOptions): Promise<void> {
  const base = (options.environment[component.baseUrlVariable] || component.baseUrl).replace(/\/+$/, '');
  const release = component.release(options.os, options.architecture);
  const file = release.path.split('/').at(-1) ?? '';
  const checksumUrl = `${base}${release.checksumPath}`;
  const checksumText = await (await open(checksumUrl, options)).text().catch((error: unknown) => {
    throw new DownloadError(`${checksumUrl}: ${reason(error)}`);
  });
  const want = publishedChecksum(checksumText, file);
  if (want === undefined) throw new DownloadError(`${checksumUrl}: no SHA-256 for ${file} in it`);
  options.say?.(`${component.name} ${component.version}: downloading ${base}${release.path}`);
  mkdirSync(dirname(target), { recursive: true });
  // What an interrupted process left; callers hold a lock.
  const work = join(dirname(target), `.download-${component.name}-${component.version}`);
  rmSync(work, { recursive: true, force: true });
  mkdirSync(work);
  try {
    const got = await fetchFile(`${base}${release.path}`, join(work, 'file'), options);
    if (got !== want) throw new DownloadError(`${base}${release.path}: SHA-256 is ${got}, published is ${want}`);
    if (release.member !== undefined) await run('tar', ['-xzf', join(work, 'file'), '-C', work, release.member]);
    const program = join(work, release.member ?? 'file');
    chmodSync(program, 0o755);
    renameSync(program, target);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** A response with status 200; its body is given up when nothing comes for a while. */
async function open(url: string, { connectMs = 4000 }: DownloadOptions): Promise<Response> {
  const impatience = new AbortController();
  const timer = setTimeout(() => impatience.abort(new Error(`no answer within ${connectMs} ms`)), connectMs);
  try {
    const response = await fetch(url, { signal: impatience.signal });
    if (response.status === 200) return response;
    await response.body?.cancel();
    throw new Error(`status ${response.status}`);
  } catch (error) {
    throw new DownloadError(`${url}: ${reason(error)}`);
  } finally {
    clearTimeout(timer);
  }
}

async function fetchFile(url: string, file: string, options: DownloadOptions): Promise<string> {
  const response = await open(url, options);
  const hash = createHash('sha256');
  const stall = new AbortController();
  const stallMs = options.stallMs ?? 30_000;
  const arm = (): NodeJS.Timeout => setTimeout(() => stall.abort(new Error(`no data for ${stallMs} ms`)), stallMs);
  let timer = arm();
  try {
    const body = Readable.fromWeb(response.body as ReadableStream<Uint8Array>);
    body.on('data', (part: Uint8Array) => {
      hash.update(part);
      clearTimeout(timer);
      timer = arm();
    });
    await pipeline(body, createWriteStream(file), { signal: stall.signal });
    return hash.digest('hex');
  } catch (error) {
    throw new DownloadError(`${url}: ${reason(stall.signal.aborted ? stall.signal.reason : error)}`);
  } finally {
    clearTimeout(timer);
  }
}

function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  return cause instanceof Error ? `${error.message}: ${cause.message}` : error.message;
}
