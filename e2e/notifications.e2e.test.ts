import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Annotations, type User, userObjectName, UserType } from '@osmo/crds';
import { isNotFound, type KubeClient, type KubeObject, Pod, resourceType, Secret, Service } from '@osmo/kube';
import { until } from '@osmo/kube/testing';
import { connectToCluster, systemNamespace, upgradeOsmo, valuesOfOsmo } from './harness/connect.ts';
import { clear, type Lab, newLab, shell, submit, Workflows } from './harness/lab.ts';
import { plantSecret } from './secrets/planted.ts';

/** For what will never happen: the suites before this one replace pods, and the machine may be busy. */
const limitMs = 300_000;
const Users = resourceType<User>(UserType);
const receiver = 'receiver';
const secret = { name: 'e2e-notify-hook', namespace: systemNamespace };
const key = 'e2e-signing-key';
const address = 'ada@e2e.example';

/** Takes web hooks and mail, and prints each as a line of JSON. */
const script = `
import base64, http.server, json, socketserver, threading
lock = threading.Lock()
def tell(**what):
    with lock: print(json.dumps(what), flush=True)
class Hook(http.server.BaseHTTPRequestHandler):
    def log_message(self, *_): pass
    def do_GET(self):
        self.send_response(204); self.end_headers()
    def do_POST(self):
        body = self.rfile.read(int(self.headers['content-length']))
        tell(kind='hook', body=base64.b64encode(body).decode(), headers={k.lower(): v for k, v in self.headers.items()})
        self.send_response(204); self.end_headers()
class Mail(socketserver.StreamRequestHandler):
    def say(self, text): self.wfile.write(text.encode() + b'\\r\\n')
    def handle(self):
        self.say('220 receiver'); to = []
        while line := self.rfile.readline().decode().strip():
            word = line[:4].upper()
            if word == 'RCPT': to.append(line)
            if word == 'DATA':
                self.say('354 go on'); lines = []
                while (text := self.rfile.readline().decode().rstrip('\\r\\n')) != '.': lines.append(text)
                tell(kind='mail', to=to, text='\\n'.join(lines))
            if word == 'QUIT': return self.say('221 bye')
            self.say('250 receiver' if word == 'EHLO' else '250 OK')
class Threads(socketserver.ThreadingTCPServer): daemon_threads = True
threading.Thread(target=Threads(('', 2525), Mail).serve_forever, daemon=True).start()
http.server.ThreadingHTTPServer(('', 8080), Hook).serve_forever()
`;

type Received =
  { kind: 'hook'; body: string; headers: Record<string, string> } | { kind: 'mail'; to: string[]; text: string };

let client: KubeClient;
let lab: Lab;
let person: string | undefined;
/** Hosts that could be called before; undefined: nothing was changed. */
let allowed: string[] | undefined;

beforeAll(async () => {
  client = await connectToCluster();
  lab = await newLab(client, 'e2e-notify');
  plantSecret(key, 'the key that the suite notifications signs with');
  const { namespace } = lab;
  await client.delete(Secret, secret).catch(ignoreMissing);
  await client.create(Secret, { apiVersion: 'v1', kind: 'Secret', metadata: secret, stringData: { secret: key } });
  const container = {
    ...{ name: 'main', image: 'python:3.11-slim', imagePullPolicy: 'IfNotPresent', command: ['python3', '-c', script] },
    readinessProbe: { httpGet: { path: '/', port: 8080 }, periodSeconds: 1 },
  };
  const labels = { app: receiver };
  await client.create(Pod, {
    ...{ apiVersion: 'v1', kind: 'Pod', metadata: { name: receiver, namespace, labels } },
    spec: { containers: [container], terminationGracePeriodSeconds: 0 },
  } as unknown as Pod);
  await client.create(Service, {
    ...{ apiVersion: 'v1', kind: 'Service', metadata: { name: receiver, namespace } },
    spec: {
      selector: labels,
      ports: [
        { name: 'http', port: 8080 },
        { name: 'smtp', port: 2525 },
      ],
    },
  } as unknown as KubeObject);
}, 2 * limitMs);
afterAll(async () => {
  if (allowed !== undefined) await upgradeOsmo([...allowing(allowed), '--set', 'notifications.enabled=false']);
  const { namespace } = lab;
  await client.delete(Pod, { name: receiver, namespace }).catch(ignoreMissing);
  await client.delete(Service, { name: receiver, namespace }).catch(ignoreMissing);
  if (person !== undefined) await client.delete(Users, { name: userObjectName(person) }).catch(ignoreMissing);
  await client.delete(Secret, secret).catch(ignoreMissing);
  await clear(lab);
  await client.close();
}, 2 * limitMs);

function ignoreMissing(error: unknown): void {
  if (!isNotFound(error)) throw error;
}

/** Makes the release tell of the ends of workflows in this namespace: its controllers are replaced for that. */
async function enable(): Promise<void> {
  const host = `${receiver}.${lab.namespace}.svc`;
  const notifications = {
    enabled: true,
    smtp: { host, port: 2525, tls: 'None', from: 'OSMO <osmo@e2e.example>', recipientDomains: ['e2e.example'] },
    webhooks: [{ name: 'ops', url: `http://${host}:8080/`, secret: secret.name, namespaces: [lab.namespace] }],
    ports: [8080, 2525],
  };
  const { outgoing } = JSON.parse(await valuesOfOsmo()) as { outgoing?: { allow?: string[] } };
  allowed = outgoing?.allow ?? [];
  const told = ['--set-json', `notifications=${JSON.stringify(notifications)}`];
  await upgradeOsmo([...allowing([...allowed, host]), ...told]);
}

const allowing = (hosts: readonly string[]): string[] => ['--set-json', `outgoing.allow=${JSON.stringify(hosts)}`];

/** All that the receiver was told so far. */
async function received(): Promise<Received[]> {
  const { body } = await client.request('GET', `/api/v1/namespaces/${lab.namespace}/pods/${receiver}/log`);
  const lines = body.toString().split('\n').filter(Boolean);
  return lines.map((line) => JSON.parse(line) as Received);
}

/** What it was told of one workflow. */
const toldOf = async (uid: string): Promise<Received[]> =>
  (await received()).filter((each) =>
    each.kind === 'hook' ? each.headers['webhook-id'] === `${uid}.0` : each.text.includes(`<${uid}.0@`),
  );

/** Runs a workflow to its end; resolves when its status says that everybody was told. */
async function tell(name: string): Promise<string> {
  // It begins when its submitter has said what they want to be told.
  const { metadata } = await submit(lab, name, { suspend: true, tasks: [shell('a', 'exit 3')] });
  await want(metadata.annotations?.[Annotations.submittedBy] ?? '');
  const ref = { name, namespace: lab.namespace };
  await client.patch(Workflows, ref, { kind: 'merge', body: { spec: { suspend: false } } });
  await until(
    () => client.get(Workflows, ref),
    ({ status }) =>
      (status?.notifications ?? [])
        .filter(({ state }) => state === 'Sent')
        .map(({ target }) => target)
        .toSorted()
        .join() === 'email,webhook/ops',
    limitMs,
  );
  return metadata.uid ?? '';
}

async function want(user: string): Promise<void> {
  const name = userObjectName(user);
  person = user;
  const spec = { user, email: address, notifications: { email: true } };
  const known = await client.get(Users, { name }).catch(ignoreMissing);
  if (known === undefined)
    await client.create(Users, { apiVersion: 'osmo.dev/v1alpha1', kind: 'User', metadata: { name }, spec });
  else await client.patch(Users, { name }, { kind: 'merge', body: { spec } });
}

test(
  'an end is told by a signed web hook and by mail, once, also when the controllers are replaced after it',
  async () => {
    await until(
      () => client.get(Pod, { name: receiver, namespace: lab.namespace }),
      ({ status }) => status?.containerStatuses?.every(({ ready }) => ready) === true,
      limitMs,
    );
    await enable();
    const first = await tell('first');
    // What a container prints is in its log a moment later.
    const told = await until(
      () => toldOf(first),
      (all) => all.length >= 2,
      limitMs,
    );
    expect(told.map(({ kind }) => kind).toSorted()).toEqual(['hook', 'mail']);
    for (const each of told) {
      if (each.kind === 'mail') {
        expect(each).toMatchObject({ to: [expect.stringContaining(address)], text: expect.stringContaining('first') });
        continue;
      }
      const body = Buffer.from(each.body, 'base64').toString();
      const { headers } = each;
      const signed = [headers['webhook-id'], headers['webhook-timestamp'], body].join('.');
      const signature = createHmac('sha256', key).update(signed).digest('base64');
      expect(headers['webhook-signature']).toBe(`v1,${signature}`);
      expect(JSON.parse(body)).toMatchObject({
        type: 'dev.osmo.workflow.ended',
        data: { name: 'first', status: 'FAILED', failed: [{ name: 'a', exitCode: 3 }] },
      });
    }
    const component = 'app.kubernetes.io/component=controllers';
    const pods = (await client.list(Pod, { namespace: systemNamespace, labelSelector: component })).items;
    for (const { metadata } of pods) {
      // oxlint-disable-next-line no-await-in-loop
      await client.delete(Pod, { name: metadata.name, namespace: systemNamespace }).catch(ignoreMissing);
    }
    // Those that come after them tell of this one, so they have seen the other, too.
    const second = await tell('second');
    const next = await until(
      () => toldOf(second),
      (all) => all.length >= 2,
      limitMs,
    );
    expect(next.map(({ kind }) => kind).toSorted()).toEqual(['hook', 'mail']);
    expect(await toldOf(first)).toHaveLength(2);
  },
  5 * limitMs,
);
