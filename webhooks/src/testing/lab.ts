import { request as httpsRequest } from 'node:https';
import type { WorkflowSpecInput } from '@osmo/crds';
import type { Workflow } from '@osmo/crds';
import { type Clock, type KubeClient, runtimeMetrics, Secret, systemClock } from '@osmo/kube';
import {
  connectToTestCluster,
  freePort,
  installDefinitions,
  newNamespace,
  type RecordingLogger,
  recordingLogger,
} from '@osmo/kube/testing';
import { MutatingConfigurations, ValidatingConfigurations, type WebhookConfiguration, Workflows } from '../kinds.ts';
import { parseOptions } from '../options.ts';
import { runWebhooks } from '../webhooks.ts';

/** A namespace of the test cluster whose workflows are judged by webhooks of this process. */
export interface Lab {
  client: KubeClient;
  namespace: string;
  /** What the chart's objects are called here, by their names in the chart. */
  names: Readonly<Record<string, string>>;
  /** Port that the apiserver calls. */
  port: number;
  /** Flags of a program that answers there, but for its ports. */
  flags: readonly string[];
  /** Starts webhooks on the port that the apiserver calls, or on another as a second replica; resolves when they listen. */
  start(options?: StartOptions): Promise<RunningWebhooks>;
  /** Creates a workflow, or tries to. */
  submit(name: string, spec: WorkflowSpecInput, options?: { dryRun?: boolean }): Promise<Workflow>;
  configuration(): Promise<WebhookConfiguration>;
  secret(): Promise<Secret>;
  /** Ends what was started and removes what was made. */
  clear(): Promise<void>;
}

export interface StartOptions {
  clock?: Clock;
  /** Instead of the administrator. */
  client?: KubeClient;
  /** On a port of its own, where the apiserver doesn't call it. */
  beside?: boolean;
}

export interface RunningWebhooks {
  port: number;
  logger: RecordingLogger;
  stop(): Promise<void>;
}

/** Makes the namespace, an empty Secret and configurations that ask for this namespace only. */
export async function openLab(prefix: string): Promise<Lab> {
  const client = await connectToTestCluster();
  await installDefinitions(client, new URL('../../../crds/yaml/', import.meta.url));
  const namespace = await newNamespace(client, prefix);
  const port = await freePort();
  const name = `${namespace}-webhooks`;
  const secret = 'webhooks-tls';
  await client.create(Secret, { apiVersion: 'v1', kind: 'Secret', metadata: { name: secret, namespace } });
  for (const [type, paths] of [
    [ValidatingConfigurations, ['validate']],
    [MutatingConfigurations, ['submitter', 'render', 'mutate']],
  ] as const) {
    const urls = paths.map((path) => `https://localhost:${port}/${path}`);
    // oxlint-disable-next-line no-await-in-loop
    await client.create(type, configurationOf(type.kind, name, namespace, urls));
  }
  const flags = [
    `--namespace=${namespace}`,
    `--secret=${secret}`,
    `--configuration=${name}`,
    '--server-name=localhost',
  ];
  const running = new Set<RunningWebhooks>();
  return {
    client,
    namespace,
    names: { 'osmo-webhooks': name, 'osmo-webhooks-tls': secret },
    port,
    flags,
    async start({ clock = systemClock, client: identity = client, beside = false } = {}) {
      const logger = recordingLogger();
      const stop = new AbortController();
      const listening = Promise.withResolvers<number>();
      const ended = runWebhooks(
        {
          client: identity,
          clock,
          logger,
          metrics: runtimeMetrics(undefined, { process: false }),
          identity: 'test',
          options: parseOptions([
            ...flags,
            ...[`--port=${beside ? 0 : port}`, '--host=127.0.0.1'],
            ...['--drain-ms=0', '--health-port=0', '--metrics-port=0'],
          ]),
          onListening: (at) => listening.resolve(at),
        },
        stop.signal,
      );
      const at = await Promise.race([listening.promise, ended.then(() => Promise.reject(new Error('it has ended')))]);
      const webhooks: RunningWebhooks = {
        port: at,
        logger,
        async stop() {
          running.delete(webhooks);
          stop.abort();
          await ended;
        },
      };
      running.add(webhooks);
      return webhooks;
    },
    submit(workflow, spec, { dryRun = false } = {}) {
      const { group, version, kind } = Workflows;
      const head = { apiVersion: `${group}/${version}`, kind, metadata: { name: workflow, namespace } };
      return client.create(Workflows, { ...head, spec } as unknown as Workflow, { dryRun });
    },
    configuration: () => client.get(ValidatingConfigurations, { name }),
    secret: () => client.get(Secret, { namespace, name: secret }),
    async clear() {
      await Promise.all([...running].map((webhooks) => webhooks.stop()));
      await Promise.allSettled([
        client.delete(ValidatingConfigurations, { name }),
        client.delete(MutatingConfigurations, { name }),
        client.deleteCollection(Workflows, { namespace }),
      ]);
      await client.close();
    },
  };
}

function configurationOf(kind: string, name: string, namespace: string, urls: string[]): WebhookConfiguration {
  const webhooks = urls.map((url, index) => ({
    name: `w${index}.admission.osmo.dev`,
    admissionReviewVersions: ['v1'],
    sideEffects: 'None',
    failurePolicy: 'Fail',
    timeoutSeconds: 30,
    clientConfig: { url },
    namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } },
    rules: [{ apiGroups: ['osmo.dev'], apiVersions: ['v1alpha1'], operations: ['CREATE'], resources: ['workflows'] }],
  }));
  return { apiVersion: 'admissionregistration.k8s.io/v1', kind, metadata: { name }, webhooks };
}

/** One call on a connection of its own, by somebody who trusts `ca` alone. */
export async function callOnce(port: number, ca: string, body: object): Promise<{ status: number; text: string }> {
  const text = JSON.stringify(body);
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) };
    const target = { host: '127.0.0.1', servername: 'localhost', port, path: '/validate', method: 'POST' };
    const request = httpsRequest({ ...target, ca, headers, agent: false }, (response) => {
      let answer = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        answer += chunk;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text: answer }));
      response.on('error', reject);
    });
    request.on('error', reject);
    request.end(text);
  });
}
