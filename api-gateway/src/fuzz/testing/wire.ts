import { connect, type Socket } from 'node:net';

/** What came back on a connection until it ended. */
export interface WireAnswer {
  /** Statuses of the answers, in order; none when the connection was closed without one. */
  statuses: number[];
  text: string;
}

export interface WireOptions {
  /** Hangs up after sending, without waiting for an answer. */
  hangUp?: boolean;
  /** Ends the sending side after sending. */
  half?: boolean;
  /** Hangs up when it aborts. */
  until?: AbortSignal;
}

/** Sends bytes as they are, piece by piece, and reads until the server closes the connection, or hangs up. */
export async function sendBytes(
  url: string,
  pieces: readonly (string | Buffer)[],
  { hangUp = false, half = false, until }: WireOptions = {},
): Promise<WireAnswer> {
  const socket = await open(url);
  const received: Buffer[] = [];
  socket.on('data', (data: Buffer) => received.push(data));
  // A server that refuses may close before all was sent.
  socket.on('error', () => undefined);
  until?.addEventListener('abort', () => socket.destroy(), { once: true });
  const closed = new Promise<void>((resolve) => {
    socket.once('close', () => resolve());
  });
  for (const piece of pieces) {
    if (socket.destroyed) break;
    // In pieces as they are: one after the other.
    // oxlint-disable-next-line no-await-in-loop
    await new Promise<void>((resolve) => {
      socket.write(typeof piece === 'string' ? Buffer.from(piece, 'latin1') : piece, () => resolve());
    });
  }
  if (half) socket.end();
  if (hangUp) socket.destroy();
  await closed;
  const text = Buffer.concat(received).toString('latin1');
  const statuses = [...text.matchAll(/^HTTP\/1\.1 (\d{3})/gm)].map(([, status]) => Number(status));
  return { statuses, text };
}

function open(url: string): Promise<Socket> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const socket = connect({ host: hostname, port: Number(port), allowHalfOpen: true }, () => {
      socket.off('error', reject);
      resolve(socket);
    });
    socket.once('error', reject);
    // The other side has ended: nothing more will come.
    socket.once('end', () => socket.end());
  });
}
