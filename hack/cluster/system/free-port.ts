import { createServer, type AddressInfo } from 'node:net';

/**
 * `count` different TCP ports of 127.0.0.1 that nobody listened on a moment ago. The system hands them out from its
 * ephemeral range, so two callers at the same time rarely get the same one; a caller that does must start again.
 */
export async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer();
      await new Promise<void>((done, failed) => server.once('error', failed).listen(0, '127.0.0.1', done));
      return server;
    }),
  );
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise((done) => server.close(done))));
  return ports;
}
