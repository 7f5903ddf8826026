import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { crdOf } from './generate/crd.ts';
import { immutabilityPolicy } from './generate/policy.ts';
import { kinds } from './kinds.ts';
import { type Apiserver, connect, eventually, type Status } from './testing/apiserver.ts';
import { type Manifest, oneTask, task, taskObject, workflow } from './testing/manifests.ts';
import { rightManifests } from './testing/right-manifests.ts';
import { wrongManifests } from './testing/wrong-manifests.ts';

const manager = 'fieldManager=crds-contract-test&force=true';
const namespace = `crds-${randomBytes(4).toString('hex')}`;
let server: Apiserver;

beforeAll(async () => {
  const kubeconfig = process.env['OSMO_TEST_KUBECONFIG'];
  if (kubeconfig === undefined) throw new Error('OSMO_TEST_KUBECONFIG names no kubeconfig of an apiserver to test on');
  server = connect(kubeconfig);
  await server.send('POST', '/api/v1/namespaces', { metadata: { name: namespace } });
  const { policy, binding } = immutabilityPolicy(kinds);
  for (const object of [...kinds.map(crdOf), policy, binding]) await apply(object as AnyObject);
  await eventually('all kinds are established', async () => {
    const states = await Promise.all(
      kinds.map(({ type }) => server.send<Crd>('GET', `${crds}/${type.plural}.${type.group}`)),
    );
    return states.every(({ body }) => conditionOf(body, 'Established') === 'True') ? true : undefined;
  });
});

afterAll(async () => {
  await server.send('DELETE', `/api/v1/namespaces/${namespace}`);
  await server.close();
});

const crds = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
type AnyObject = { apiVersion: string; kind: string; metadata: { name: string } };
type Crd = { status?: { conditions?: { type: string; status: string; message: string }[] } };
const conditionOf = (crd: Crd, type: string) =>
  crd.status?.conditions?.find((condition) => condition.type === type)?.status;

async function apply(object: AnyObject): Promise<void> {
  const plural = `${object.kind.toLowerCase().replace(/y$/, 'ie')}s`;
  const path = `/apis/${object.apiVersion}/${plural}/${object.metadata.name}?${manager}`;
  const { status, body } = await server.send('PATCH', path, object, 'application/apply-patch+yaml');
  if (status >= 300) throw new Error(`${object.kind} ${object.metadata.name}: ${body.message}`);
}

function collection(kind: string): string {
  const { type } = kinds.find((definition) => definition.type.kind === kind)!;
  return `/apis/${type.group}/${type.version}/${type.namespaced ? `namespaces/${namespace}/` : ''}${type.plural}`;
}

const tryOut = (object: Manifest) =>
  server.send<Status & Record<string, unknown>>(
    'POST',
    `${collection(object.kind)}?dryRun=All&fieldValidation=Strict`,
    object,
  );

describe('every kind', () => {
  test.each(kinds.map((kind) => [kind.type.kind, kind] as const))('%s is served as it was written', async (_, kind) => {
    const { body } = await server.send<Crd>('GET', `${crds}/${kind.type.plural}.${kind.type.group}`);
    const found = Object.fromEntries((body.status?.conditions ?? []).map(({ type, status }) => [type, status]));
    expect(found).toMatchObject({ Established: 'True', NamesAccepted: 'True' });
    // Kubernetes sets this one when a schema isn't structural.
    expect(found).not.toHaveProperty('NonStructuralSchema');
  });

  test('is explained field by field, down to the inputs of a task', async () => {
    type Field = { description?: string; properties?: Record<string, Field>; items?: Field; allOf?: Field[] };
    type OpenApi = { components?: { schemas?: Record<string, Field> } };
    const explained = await eventually('the OpenAPI document has the kinds', async () => {
      const { body } = await server.send<OpenApi>('GET', '/openapi/v3/apis/osmo.dev/v1alpha1');
      return body.components?.schemas?.['dev.osmo.v1alpha1.Workflow'];
    });
    const task_ = explained.properties?.['spec']?.properties?.['tasks']?.items;
    expect(explained.description).toMatch(/^Workflow is a graph of tasks/);
    expect(task_?.properties?.['image']?.description).toBe('image that the task runs in, e.g. ubuntu:24.04.');
    expect(task_?.properties?.['inputs']?.items?.properties?.['task']?.description).toMatch(
      /^task whose output is the input/,
    );
  });
});

describe('the apiserver refuses', () => {
  test.each(wrongManifests.map((wrong) => [wrong.title, wrong] as const))(
    '%s',
    async (_, { object, field, allowed }) => {
      const { status, body } = await tryOut(object);
      expect(status).toBe(422);
      const causes = body.details?.causes ?? [];
      expect(causes.map((cause) => cause.field)).toContain(field);
      const messages = causes.filter((cause) => cause.field === field).map(({ message }) => message);
      expect(messages.join('\n')).toMatch(allowed);
    },
  );

  test.each([
    ['spec.task', workflow({ task: [] })],
    ['spec.tasks[0].img', oneTask({ img: 'busybox' })],
    ['spec.tasks[0].inputs[0].task.regexp', oneTask({ inputs: [{ task: { name: 'a', regexp: '.*' } }] })],
  ])('the unknown field %s when asked to be strict, as kubectl does', async (field, object) => {
    const { status, body } = await tryOut(object);
    expect({ status, message: body.message }).toEqual({
      status: 400,
      message: expect.stringContaining(`unknown field "${field}"`),
    });
  });
});

describe('the apiserver accepts', () => {
  test.each(rightManifests.map((right) => [right.title, right] as const))('%s', async (_, { object, stored }) => {
    const { status, body } = await tryOut(object);
    expect({ status, message: body.message }).toEqual({ status: 201, message: undefined });
    expect(body).toMatchObject(stored);
  });

  test('a workflow of 5,000 tasks where one waits for all others', async () => {
    const names = Array.from({ length: 4999 }, (_, index) => `t${index}`);
    const last = task({ name: 'last', inputs: names.map((name) => ({ task: { name } })) });
    const { status, body } = await tryOut(workflow({ tasks: [...names.map((name) => task({ name })), last] }));
    expect({ status, message: body.message }).toEqual({ status: 201, message: undefined });
  });

  test('a workflow of 2,000 groups and one with a group of 1,000 tasks', async () => {
    const groups = Array.from({ length: 2000 }, (_, index) => ({ name: `g${index}`, tasks: [task()] }));
    const tasks = Array.from({ length: 1000 }, (_, index) => task({ name: `t${index}`, lead: index === 0 }));
    for (const object of [workflow({ groups }), workflow({ groups: [{ name: 'wide', tasks }] })]) {
      const { status, body } = await tryOut(object);
      expect({ status, message: body.message }).toEqual({ status: 201, message: undefined });
    }
  });
});

describe('once created', () => {
  const merge = (object: Manifest, patch: object) =>
    server.send('PATCH', `${collection(object.kind)}/${object.metadata.name}`, patch, 'application/merge-patch+json');
  const flow = workflow({ labels: { team: 'a' }, tasks: [task()] }, 'kept');
  const single = taskObject({}, 'kept.train');

  beforeAll(async () => {
    for (const object of [flow, single])
      expect(await server.send('POST', collection(object.kind), object)).toMatchObject({ status: 201 });
    // A policy takes a moment until it is in force.
    await eventually('the policy is in force', async () => {
      const { status } = await merge(single, { spec: { pool: `p${randomBytes(4).toString('hex')}` } });
      return status === 422 ? true : undefined;
    });
  });

  const changeable =
    'only spec.pool, spec.cancel, spec.suspend, spec.restart, spec.maxParallel, spec.ttlSecondsAfterFinished, spec.notifications can';
  test.each([
    ['spec.priority', flow, { priority: 'High' }, changeable],
    ['spec.tasks', flow, { tasks: [task({ image: 'busybox:2' })] }, changeable],
    ['spec.labels', flow, { labels: null }, changeable],
    ['spec.timeouts', flow, { timeouts: { execSeconds: 1 } }, changeable],
    [
      'spec.image',
      single,
      { image: 'busybox:2' },
      'only spec.run, spec.hold, spec.cancel, spec.pinnedImage, spec.data can',
    ],
    [
      'spec.labels',
      single,
      { labels: { a: 'b' } },
      'only spec.run, spec.hold, spec.cancel, spec.pinnedImage, spec.data can',
    ],
  ])('%s of a spec that is fixed is refused', async (field, object, spec, allowed) => {
    const { status, body } = await merge(object, { spec });
    expect(status).toBe(422);
    expect(body.message).toContain(`${field} can't be changed after creation; ${allowed}`);
  });

  test('the pool of a workflow, labels and status can be changed', async () => {
    expect(await merge(flow, { spec: { pool: 'other' } })).toMatchObject({
      status: 200,
      body: { spec: { pool: 'other' } },
    });
    expect(await merge(flow, { metadata: { labels: { a: 'b' } } })).toMatchObject({ status: 200 });
    const status = { phase: 'Running', taskCounts: { total: 1, active: 1 }, conditions: [] };
    const path = `${collection('Workflow')}/kept/status`;
    const written = await server.send(
      'PATCH',
      path,
      { status, spec: { priority: 'High' } },
      'application/merge-patch+json',
    );
    expect(written).toMatchObject({ status: 200, body: { status, spec: { priority: 'Normal' } } });
  });

  test('what tells a workflow and its tasks to stop, wait or run again can be changed', async () => {
    const told = {
      suspend: true,
      cancel: { by: 'ada' },
      restart: { id: '1' },
      maxParallel: 1,
      ttlSecondsAfterFinished: 5,
    };
    expect(await merge(flow, { spec: told })).toMatchObject({ status: 200, body: { spec: told } });
    const task_ = { run: 1, hold: true, cancel: { by: 'ada' }, pinnedImage: 'busybox@sha256:0123' };
    expect(await merge(single, { spec: task_ })).toMatchObject({ status: 200, body: { spec: task_ } });
  });

  test('a workflow of 5,000 tasks is still kept as it is, and moves to another pool', async () => {
    const large = workflow({ tasks: Array.from({ length: 5000 }, (_, index) => task({ name: `t${index}` })) }, 'large');
    expect(await server.send('POST', collection('Workflow'), large)).toMatchObject({ status: 201 });
    expect(await merge(large, { spec: { pool: 'other' } })).toMatchObject({ status: 200 });
    expect(await merge(large, { spec: { priority: 'Low' } })).toMatchObject({ status: 422 });
  });

  test('managedFields stay small however many tasks there are', async () => {
    const path = `${collection('Workflow')}/large`;
    const status = { phase: 'Running', taskCounts: { total: 5000 } };
    const applied = { ...oneTask({}, 'large'), spec: undefined, status };
    await server.send('PATCH', `${path}/status?${manager}`, applied, 'application/apply-patch+yaml');
    const { body } = await server.send<{ metadata: { managedFields: object[] } }>('GET', path);
    expect(JSON.stringify(body.metadata.managedFields).length).toBeLessThan(2000);
  });
});
