/**
 * The gateway's HTTP application with one operation twice: open, and for those who may list workflows. Told its kubeconfig and issuer; says
 * its port, and on each message what CPU it has used, microseconds.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createImpersonator, loadAccess, systemClock } from '@osmo/kube';
import { Registry } from 'prom-client';
import { accessReviews } from '../../api-gateway/src/access/access.ts';
import { createApp } from '../../api-gateway/src/http/app.ts';
import { httpMetrics } from '../../api-gateway/src/http/metrics.ts';
import { operation } from '../../api-gateway/src/http/operation.ts';
import { rateLimit } from '../../api-gateway/src/http/rate-limit.ts';
import { authenticator } from '../../api-gateway/src/identity/authenticator.ts';
import { Provider } from '../../api-gateway/src/identity/oidc/provider.ts';
import { oidcTokens } from '../../api-gateway/src/identity/oidc/sign-in.ts';

const [kubeconfig = '', url = ''] = process.argv.slice(2);
const clock = systemClock;
const { own } = createImpersonator({
  access: await loadAccess({ kubeconfig, clock, env: {} }),
  userAgent: 'bench-auth',
});
const access = accessReviews(own, clock);
const logger = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
const config = {
  issuer: { url, audiences: ['osmo'], allowHttp: true },
  claimMappings: { username: { claim: 'sub', prefix: '' }, groups: { claim: 'groups', prefix: 'idp:' } },
};
const provider = new Provider({ url, allowHttp: true, fetch: (at) => fetch(at), clock });
const answer = { description: 'What a list of nothing is.' };
const json = { workflows: [], more_entries: false };
const shared = { method: 'get', action: 'workflow:List', tag: 'Bench', summary: 'Answers', answer } as const;
const app = createApp({
  operations: [
    operation({ ...shared, id: 'open', path: '/open', open: true, handle: () => ({ json }) }),
    operation({
      ...shared,
      id: 'guarded',
      path: '/guarded',
      async handle({ caller }) {
        await access.demand(caller, { verb: 'list', resource: 'workflows', namespace: 'default' });
        return { json };
      },
    }),
  ],
  identify: authenticator([oidcTokens([{ config, provider }], clock)]),
  rateLimit: rateLimit(clock, 1_000_000, 1_000_000),
  maxBodyBytes: 1024,
  logger: logger as never,
  metrics: httpMetrics(new Registry()),
  clock,
  closing: new AbortController().signal,
});
const server = createServer(app);
server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as AddressInfo).port }));
process.on('message', () => {
  const { user, system } = process.cpuUsage();
  process.send?.({ cpuMicroseconds: user + system });
});
process.on('disconnect', () => process.exit(0));
