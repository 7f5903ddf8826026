import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type KubeClient, Namespace } from '@osmo/kube';
import { connectToTestCluster, installDefinitions, newNamespace, until } from '@osmo/kube/testing';
import fc from 'fast-check';
import { Pools, Workflows } from './kinds.ts';
import { startGateway, type TestGateway } from './testing/gateway.ts';
import { grant } from './testing/rights.ts';

let admin: KubeClient;
let gateway: TestGateway;
let namespace: string;
const undo: (() => Promise<unknown>)[] = [];

interface Described {
  method: string;
  path: string;
  parameters: { name: string; in: string; schema: { type: string; enum?: string[] } }[];
  hasBody: boolean;
}

beforeAll(async () => {
  admin = await connectToTestCluster();
  await installDefinitions(admin, new URL('../../crds/yaml/', import.meta.url));
  namespace = await newNamespace(admin, 'fuzz');
  undo.push(() => admin.delete(Namespace, { name: namespace }));
  const everything = ['get', 'list', 'watch', 'create', 'patch', 'update'];
  const rule = {
    apiGroups: ['osmo.dev'],
    resources: ['workflows', 'workflows/log', 'tasks', 'pools'],
    verbs: everything,
  };
  undo.push(await grant(admin, namespace, { kind: 'User', name: `fuzz-${namespace}` }, [rule]));
  const head = { apiVersion: 'osmo.dev/v1alpha1', metadata: { name: namespace, namespace } };
  await admin.create(Pools, { ...head, kind: 'Pool', metadata: { name: namespace }, spec: { backend: 'x' } } as never);
  undo.push(() => admin.delete(Pools, { name: namespace }));
  const spec = { pool: namespace, tasks: [{ name: 'a', image: 'busybox', command: ['true'] }] };
  await admin.create(Workflows, { ...head, kind: 'Workflow', spec } as never);
  // Ended, so that nothing follows its logs for ever.
  const body = { status: { phase: 'Failed', reason: 'Error', conditions: [] } };
  await admin.patch(Workflows, head.metadata, { kind: 'merge', body }, { subresource: 'status' });
  gateway = await startGateway([
    `--default-namespace=${namespace}`,
    '--requests-per-second=100000',
    '--request-burst=100000',
  ]);
  await until(
    async () => (await gateway.send(`/api/workflow/${namespace}`, { as: `fuzz-${namespace}` })).text(),
    (text) => text.includes('"FAILED"'),
  );
});

afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await Promise.allSettled(undo.map((each) => each()));
  await admin.close();
});

async function described(): Promise<Described[]> {
  const document = (await (await gateway.send('/api/openapi.json')).json()) as {
    paths: Record<string, Record<string, { parameters?: Described['parameters']; requestBody?: object }>>;
  };
  // What has no end by itself has tests of its own.
  const finite = Object.entries(document.paths).filter(([path]) => !path.startsWith('/api/watch/'));
  return finite.flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { parameters = [], requestBody }]) => ({
      method,
      path,
      parameters,
      hasBody: requestBody !== undefined,
    })),
  );
}

const nasty = fc.constantFrom(
  ...['', ' ', '%', '..', '/', '\\', '\0', '\r\n', '*', '((', '))', '(a|b', 'a.b.c', '__proto__', 'constructor', '💥'],
  ...[
    '-1',
    '1e9',
    '99999999999999999999',
    'True',
    'null',
    '[]',
    '{}',
    'a=b',
    '=',
    '2026-01-01',
    'ASC',
    'x'.repeat(3000),
  ],
  ...[
    '{{',
    '{{ x',
    '{% for',
    'workflow: {}',
    'workflow:\n  name: a\n  tasks: [1]',
    '&a *a',
    '!!python/object:x {}',
    '- ',
  ],
);
const text = fc.oneof(nasty, fc.string({ unit: 'binary', maxLength: 40 }), fc.string({ maxLength: 40 }));
const body = fc.oneof(
  fc.record({ file: text, set_variables: fc.array(text, { maxLength: 3 }), set_string_variables: fc.array(text) }),
  fc.record({ file: fc.oneof(text, fc.jsonValue() as fc.Arbitrary<unknown>) }),
  fc.jsonValue({ maxDepth: 3 }),
);

test('no request makes the gateway fail: what is wrong with it is the caller’s to hear', async () => {
  const operations = await described();
  const request = fc.constantFrom(...operations).chain((operation) =>
    fc.record({
      operation: fc.constant(operation),
      values: fc.array(fc.oneof({ weight: 1, arbitrary: fc.constant(namespace) }, { weight: 2, arbitrary: text }), {
        minLength: operation.parameters.length,
        maxLength: operation.parameters.length,
      }),
      given: fc.array(fc.boolean(), { minLength: operation.parameters.length, maxLength: operation.parameters.length }),
      body,
      raw: fc.option(text, { freq: 4 }),
    }),
  );
  const seed = Number(process.env['FUZZ_SEED'] ?? 1);
  const numRuns = Number(process.env['FUZZ_RUNS'] ?? 300);
  await fc.assert(
    fc.asyncProperty(request, async ({ operation, values, given, body: sent, raw }) => {
      const query = new URLSearchParams();
      let { path } = operation;
      for (const [index, parameter] of operation.parameters.entries()) {
        const value = values[index] ?? '';
        if (parameter.in === 'path') path = path.replace(`{${parameter.name}}`, encodeURIComponent(value) || '-');
        else if (given[index]) query.append(parameter.name, value);
      }
      const hasBody = operation.hasBody && operation.method !== 'get';
      const response = await gateway.send(`${path}?${query.toString()}`, {
        method: operation.method.toUpperCase(),
        as: `fuzz-${namespace}`,
        headers: { 'content-type': 'application/json' },
        ...(hasBody && { body: raw ?? JSON.stringify(sent) }),
      });
      const answer = await response.text();
      expect({ status: response.status, answer, path }).toMatchObject({ status: expect.any(Number) });
      if (response.status >= 500) throw new Error(`${response.status} ${answer}`);
      if (response.status >= 400) {
        expect(JSON.parse(answer)).toMatchObject({ message: expect.any(String), error_code: expect.any(String) });
      }
    }),
    { seed, numRuns },
  );
  // It is as well as before.
  expect((await gateway.send('/api/version')).status).toBe(200);
});
