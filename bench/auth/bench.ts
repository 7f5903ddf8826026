import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { Pool } from 'undici';
import type { Bench, BenchContext } from '../bench.ts';
import { timed } from '../gateway/timed.ts';
import { openApiserver } from '../lab/apiserver.ts';
import type { Row } from '../report/row.ts';
import { quantile } from '../report/statistics.ts';

const bench = 'auth';
const rounds = 6;
const callsPerRound = 4_000;
const atOnce = 8;
const single = 300;
const strangers = 300;

/** What it costs to know who is calling and whether they may, beside the same route without. */
export const authBench: Bench = {
  name: bench,
  about: 'a route that asks who is calling (OIDC) and whether they may (RBAC), beside the same route open',
  async run(context) {
    const { kubeconfig, client } = await openApiserver(context, 'bench-auth');
    const role = { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', metadata: { name: 'bench-auth' } };
    const rules = [{ apiGroups: ['osmo.dev'], resources: ['workflows'], verbs: ['list'] }];
    const subjects = [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name: 'idp:lab' }];
    const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'bench-auth' };
    const path = '/apis/rbac.authorization.k8s.io/v1/clusterrole';
    await client.request('POST', `${path}s`, { body: { ...role, rules } });
    await client.request('POST', `${path}bindings`, {
      body: { ...role, kind: 'ClusterRoleBinding', subjects, roleRef },
    });
    context.cleanup.defer(async () => {
      await client.request('DELETE', `${path}bindings/bench-auth`);
      await client.request('DELETE', `${path}s/bench-auth`);
    });
    const issuer = await startIssuer(context);
    const server = await startServer(kubeconfig, issuer.url, context);
    const token = await issuer.token('ada');
    const open = (): Promise<void> => server.get('/open');
    const guarded = (): Promise<void> => server.get('/guarded', token);
    for (const call of [open, guarded]) await timed(2_000, atOnce, call, context.signal);
    return [
      ...(await rateRows(server, open, guarded, context)),
      ...(await latencyRows(server, issuer, open, guarded, context)),
    ];
  },
};

type Call = () => Promise<void>;

async function rateRows(server: Server, open: Call, guarded: Call, { say, signal }: BenchContext): Promise<Row[]> {
  const perCpuSecond = async (call: Call): Promise<number> => {
    const before = await server.cpuMicroseconds();
    await timed(callsPerRound, atOnce, call, signal);
    return callsPerRound / (((await server.cpuMicroseconds()) - before) / 1e6);
  };
  const pairs: [number, number][] = [];
  for (let round = 1; round <= rounds; round++) {
    say(`auth: round ${round} of ${rounds}`);
    pairs.push([await perCpuSecond(guarded), await perCpuSecond(open)]);
  }
  const value = quantile(
    pairs.map(([mine]) => mine),
    0.5,
  );
  const beside = {
    what: 'the same route, open',
    value: quantile(
      pairs.map(([, other]) => other),
      0.5,
    ),
    unit: '/s',
  };
  const ratio = quantile(
    pairs.map(([mine, other]) => mine / other),
    0.5,
  );
  const what = 'authorised requests for a second of CPU, who and whether remembered';
  const row = { bench, what, value, unit: '/s', beside, ratio };
  return [
    { ...row, target: { of: 'value', atLeast: 2_000 } },
    { ...row, what: `${what}: beside the open route`, target: { of: 'ratio', atLeast: 0.7 } },
  ];
}

async function latencyRows(
  server: Server,
  issuer: Issuer,
  open: Call,
  guarded: Call,
  { signal }: BenchContext,
): Promise<Row[]> {
  const tokens = await Promise.all(Array.from({ length: strangers }, (_, at) => issuer.token(`user-${at}`)));
  const [warm, plain]: [number[], number[]] = [[], []];
  for (let round = 0; round < rounds; round++) {
    warm.push(...(await timed(single, 1, guarded, signal)).tookMs);
    plain.push(...(await timed(single, 1, open, signal)).tookMs);
  }
  const cold = (await timed(strangers, 1, (number) => server.get('/guarded', tokens[number % strangers]), signal))
    .tookMs;
  const row = (what: string, times: number[], part: number): Row => ({
    bench,
    what,
    value: quantile(times, part),
    unit: 'ms',
    beside: { what: 'the same route, open', value: quantile(plain, part), unit: 'ms' },
    note: `adds ${(quantile(times, part) - quantile(plain, part)).toFixed(2)} ms`,
  });
  return [
    row('one at a time, remembered: p50', warm, 0.5),
    row('one at a time, remembered: p99', warm, 0.99),
    row('a token and a user that were never seen: p50', cold, 0.5),
    row('a token and a user that were never seen: p99', cold, 0.99),
  ];
}

interface Issuer {
  url: string;
  token(user: string): Promise<string>;
}

async function startIssuer({ cleanup }: BenchContext): Promise<Issuer> {
  const { privateKey, publicKey } = await generateKeyPair('RS256');
  const key = { ...(await exportJWK(publicKey)), kid: 'bench', alg: 'RS256', use: 'sig' };
  const server = createServer((request, response) => {
    const about = { issuer: url, jwks_uri: `${url}/keys` };
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(request.url === '/keys' ? { keys: [key] } : about));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  cleanup.defer(() => void server.close());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const groups = ['lab', ...Array.from({ length: 15 }, (_, at) => `team-${at}`)];
  return {
    url,
    token: (sub) =>
      new SignJWT({ sub, groups, name: 'Somebody', email: `${sub}@example.com` })
        .setProtectedHeader({ alg: 'RS256', kid: 'bench' })
        .setIssuer(url)
        .setAudience('osmo')
        .setIssuedAt()
        .setExpirationTime('1h')
        .sign(privateKey),
  };
}

interface Server {
  get(path: string, token?: string): Promise<void>;
  cpuMicroseconds(): Promise<number>;
}

async function startServer(kubeconfig: string, issuer: string, { cleanup }: BenchContext): Promise<Server> {
  const child: ChildProcess = fork(new URL('child.ts', import.meta.url), [kubeconfig, issuer]);
  cleanup.defer(() => void child.kill());
  const [{ port }] = (await once(child, 'message')) as [{ port: number }];
  const pool = new Pool(`http://127.0.0.1:${port}`, { connections: atOnce, pipelining: 1 });
  cleanup.defer(() => pool.close());
  return {
    async get(path, token) {
      const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
      const answer = await pool.request({ method: 'GET', path, headers });
      const text = await answer.body.text();
      if (answer.statusCode !== 200) throw new Error(`${path}: ${answer.statusCode} ${text.slice(0, 300)}`);
    },
    async cpuMicroseconds() {
      child.send('usage');
      const [{ cpuMicroseconds }] = (await once(child, 'message')) as [{ cpuMicroseconds: number }];
      return cpuMicroseconds;
    },
  };
}
