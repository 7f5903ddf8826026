import type { IncomingMessage } from 'node:http';
import type { Duplex, Readable, Writable } from 'node:stream';
import type { ClientOptions as SocketOptions } from 'ws';
import type { Clock } from '../runtime/clock.ts';
import type { ClusterAccess } from './access.ts';
import { brokenError, Channels } from './channels.ts';
import { KubeError, type Status, TransportReason } from './errors.ts';
import { Pod } from './kinds/pod.ts';
import { queryString } from './query.ts';
import { pathOf } from './resource.ts';
import { errorFromResponse, errorFromStatus } from './status.ts';
import type { ObjectRef } from './types.ts';

/** What opening a stream into a pod needs; a KubeClient keeps its own access to itself. */
export interface PodStreamContext {
  access: ClusterAccess;
  clock: Clock;
  signal?: AbortSignal | undefined;
  /** Time until the stream is open, ms. Default 30 s. */
  openTimeoutMs?: number | undefined;
  /** A peer that does not answer a ping for so long is gone, ms. Default 30 s; pings go out as often. */
  heartbeatMs?: number | undefined;
}

export interface ExecOptions {
  /** Program and arguments; no shell in between. */
  command: readonly string[];
  container?: string | undefined;
  stdin?: boolean | undefined;
  /** A terminal: stderr then comes with stdout. */
  tty?: boolean | undefined;
}

/** A process in a container. Its outputs must be read or drained (`stderr.resume()`): a full one holds up the other. */
export interface PodProcess {
  /** undefined unless asked for. Ending it ends the process's standard input. */
  stdin: Writable | undefined;
  stdout: Readable;
  stderr: Readable;
  /** Resolves to the exit code; rejects with a KubeError when the process could not be started or the connection broke. */
  exit: Promise<number>;
  /** Size of the terminal, in characters. */
  resize(columns: number, rows: number): void;
  /** Hangs up; the process may live on. */
  close(): void;
}

const channel = { stdin: 0, stdout: 1, stderr: 2, status: 3, resize: 4 };
const execProtocols = ['v5.channel.k8s.io', 'v4.channel.k8s.io'];
const portProtocols = ['v4.channel.k8s.io'];
/** The first message of each channel of a port-forward is the port's number, which we know. */
const portNumberBytes = 2;

/** Runs a program in a container. @throws KubeError when the server refuses or can't be reached. */
export function execInPod(ref: ObjectRef, options: ExecOptions, context: PodStreamContext): Promise<PodProcess> {
  const { command, container, stdin = false, tty = false } = options;
  const query = queryString({ container, stdin, stdout: true, stderr: !tty, tty });
  const words = command.map((word) => `&command=${encodeURIComponent(word)}`).join('');
  const path = `${pathOf(Pod, ref, 'exec')}${query}${words}`;
  return open(path, execProtocols, context, (channels) => processOver(channels, stdin));
}

/** Connects to the main process of a container. @throws KubeError as `execInPod`. */
export function attachToPod(
  ref: ObjectRef,
  options: Omit<ExecOptions, 'command'>,
  context: PodStreamContext,
): Promise<PodProcess> {
  const { container, stdin = false, tty = false } = options;
  const query = queryString({ container, stdin, stdout: true, stderr: !tty, tty });
  const path = `${pathOf(Pod, ref, 'attach')}${query}`;
  return open(path, execProtocols, context, (channels) => processOver(channels, stdin));
}

/**
 * One connection to a port of a pod. What goes wrong at the pod's side (nobody listens there) destroys the stream with a
 * KubeError.
 */
export function forwardPort(ref: ObjectRef, port: number, context: PodStreamContext): Promise<Duplex> {
  return open(`${pathOf(Pod, ref, 'portforward')}?ports=${port}`, portProtocols, context, (channels) => {
    const stream = channels.duplex(0, portNumberBytes);
    channels.onData(
      1,
      (data) => {
        const message = `port ${port}: ${data.toString('utf8').slice(0, 256)}`;
        stream.destroy(new KubeError({ status: 0, reason: TransportReason.connection, message }));
      },
      portNumberBytes,
    );
    return stream;
  });
}

function processOver(channels: Channels, withStdin: boolean): PodProcess {
  const stdout = channels.readable(channel.stdout);
  const stderr = channels.readable(channel.stderr);
  const stdin = withStdin ? channels.writable(channel.stdin) : undefined;
  // A broken connection is told by `exit`; who reads an output meets it there too, and who does not must not crash.
  for (const output of [stdout, stderr]) output.on('error', () => undefined);
  const exit = Promise.withResolvers<number>();
  exit.promise.catch(() => undefined);
  channels.onData(channel.status, (data) => {
    try {
      exit.resolve(exitCode(JSON.parse(data.toString('utf8')) as Status));
    } catch (error) {
      exit.reject(error);
    }
  });
  channels.onEnd((error) =>
    exit.reject(brokenError(error ?? new Error('the connection ended before the process was said to have ended'))),
  );
  return {
    stdin,
    stdout,
    stderr,
    exit: exit.promise,
    resize: (columns, rows) =>
      channels.send(channel.resize, Buffer.from(JSON.stringify({ Width: columns, Height: rows }))),
    close: () => channels.close(),
  };
}

/** The exit code that a final Status says. @throws KubeError when it says that there was no process. */
export function exitCode(status: Status): number {
  if (status.status === 'Success') return 0;
  const code = status.details?.causes?.find((cause) => cause.reason === 'ExitCode')?.message;
  if (status.reason === 'NonZeroExitCode' && code !== undefined && /^\d+$/.test(code)) return Number(code);
  throw errorFromStatus(status, { fallback: 500 });
}

/** Opens a WebSocket; `use` gets its channels before anything can have arrived on them. */
async function open<R>(
  path: string,
  protocols: string[],
  context: PodStreamContext,
  use: (channels: Channels) => R,
): Promise<R> {
  const { access, clock, signal, openTimeoutMs = 30_000, heartbeatMs = 30_000 } = context;
  signal?.throwIfAborted();
  if (access.proxyUrl) throw failure(path, 'streams into pods do not go through proxy-url yet');
  const { WebSocket } = await import('ws');
  const { headers, tls } = await access.credentials();
  const options: SocketOptions = {
    ...tls,
    headers: headers as SocketOptions['headers'] & object,
    maxPayload: 64 << 20,
  };
  const socket = new WebSocket(`${access.server.replace(/^http/, 'ws')}${path}`, protocols, options);
  return new Promise((resolve, reject) => {
    const onAbort = (): void => {
      reject(signal?.reason as Error);
      socket.terminate();
    };
    const stopTimer = clock.setTimeout(openTimeoutMs, () => {
      reject(failure(path, `not open within ${openTimeoutMs} ms`));
      socket.terminate();
    });
    const settled = (): void => stopTimer();
    signal?.addEventListener('abort', onAbort, { once: true });
    socket.once('close', () => signal?.removeEventListener('abort', onAbort));
    socket.on('error', (error) => {
      settled();
      reject(failure(path, error.message));
    });
    socket.once('unexpected-response', (_, response) => {
      settled();
      void refusal(path, response, clock).then(reject);
    });
    socket.once('open', () => {
      settled();
      keepAlive(socket, clock, heartbeatMs);
      resolve(use(new Channels(socket)));
      // The caller gets a turn to listen before anything is read: an error that nobody hears would end the process.
      socket.pause();
      setImmediate(() => socket.resume());
    });
  });
}

/** Pings until the socket closes; a peer that is silent for a whole round is cut off. */
function keepAlive(
  socket: { ping(): void; terminate(): void; on(event: string, fn: () => void): void },
  clock: Clock,
  everyMs: number,
): void {
  let alive = true;
  let stop = (): void => undefined;
  const beat = (): void => {
    if (!alive) return socket.terminate();
    alive = false;
    socket.ping();
    stop = clock.setTimeout(everyMs, beat);
  };
  stop = clock.setTimeout(everyMs, beat);
  for (const sign of ['pong', 'message']) socket.on(sign, () => (alive = true));
  socket.on('close', () => stop());
}

async function refusal(path: string, response: IncomingMessage, clock: Clock): Promise<KubeError> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  const answer = { status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) };
  return errorFromResponse(answer, { method: 'GET', path: path.split('?', 1)[0] ?? '', now: clock.now() });
}

function failure(path: string, what: string): KubeError {
  const target = path.split('?', 1)[0] ?? '';
  const message = `GET ${target}: ${what}`;
  return new KubeError({ status: 0, reason: TransportReason.connection, message, method: 'GET', path: target });
}
