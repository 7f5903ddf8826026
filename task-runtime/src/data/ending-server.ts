import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { MountPaths } from '../plan/index.ts';

/** Where the runtime of a pod listens for nothing but that it does. */
export const readySocket = join(MountPaths.scratch, 'osmo-runtime.sock');

/** What the runtime of a pod listens on. */
export interface EndingServerOptions {
  /** For the kubelet, which says here that the pod is being deleted; 0: any, for tests. */
  port: number;
  path: string;
  /** For the kubelet's look whether the program listens: a name in the file system. */
  socket: string;
  onEnding: () => void;
}

export interface EndingServer {
  port: number;
  close(): Promise<void>;
}

/**
 * Listens for the word that the pod is being deleted. A port that is taken (by a command in the network of the node) is no
 * error: uploads go on then in the time that is left.
 */
export async function listenForEnding({ port, path, socket, onEnding }: EndingServerOptions): Promise<EndingServer> {
  const server = createServer((request, response) => {
    const known = request.url === path;
    if (known) onEnding();
    response.writeHead(known ? 204 : 404, { connection: 'close' }).end();
  });
  const ready = createServer();
  const taken = await listening(server, { port });
  await listening(ready, { path: socket });
  const address = server.address();
  return {
    port: taken === undefined && address !== null && typeof address === 'object' ? address.port : 0,
    close: async () => {
      await Promise.all([closed(server), closed(ready)]);
    },
  };
}

/** Waits until the program that has this socket listens: signals reach it from then on. */
export async function untilListening(socket: string, tries = 600): Promise<boolean> {
  for (let n = 0; n < tries; n++) {
    // oxlint-disable-next-line no-await-in-loop
    if (await answers(socket)) return true;
    // oxlint-disable-next-line no-await-in-loop
    await sleep(50);
  }
  return false;
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const connection = connect({ path });
    connection.once('connect', () => {
      connection.destroy();
      resolve(true);
    });
    connection.once('error', () => resolve(false));
  });
}

async function listening(server: Server, at: { port: number } | { path: string }): Promise<Error | undefined> {
  server.listen(at);
  try {
    await once(server, 'listening');
    return undefined;
  } catch (error) {
    return error as Error;
  }
}

async function closed(server: Server): Promise<void> {
  server.closeAllConnections();
  if (server.listening) await new Promise((resolve) => server.close(resolve));
}
