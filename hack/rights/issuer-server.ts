import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { type PlayedIssuer, playIssuer } from '../../api-gateway/src/testing/issuer.ts';

/** An identity provider that answers on 127.0.0.1. */
export interface IssuerServer extends Pick<PlayedIssuer, 'url' | 'token'> {
  close(): Promise<void>;
}

/** Serves the metadata and keys of an issuer, which signs whatever it is told. */
export async function serveIssuer(): Promise<IssuerServer> {
  const played: { issuer?: PlayedIssuer } = {};
  const server = createServer((request, response) => {
    void (async () => {
      const answer = await played.issuer?.fetch(`${played.issuer.url}${request.url ?? '/'}`);
      const body = (await answer?.text()) ?? '';
      response.writeHead(answer?.status ?? 503, { 'content-type': 'application/json' }).end(body);
    })();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  played.issuer = await playIssuer(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  const issuer = played.issuer;
  return {
    url: issuer.url,
    token: (claims) => issuer.token(claims),
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
