import { describe, expect, test } from '@jest/globals';
import { KubeError } from '../../client/errors.ts';
import { ConfigMap } from '../../client/kinds/core.ts';
import type { KubeClient, KubeObject } from '../../client/types.ts';
import { resourceType } from '../../client/resource.ts';
import type { Desired, EventIntent, Plan, Removal } from '../plan.ts';
import { FakeClock } from '../testing/fake-clock.ts';
import { execute, type ExecuteOptions } from './execute.ts';
import { OwnWrites } from './own-writes.ts';
import type { RefusedWrite } from './refusal.ts';
import { Writer } from './writer.ts';

const Thing = resourceType<KubeObject & { status?: { phase?: string } }>({
  group: 'test.dev',
  version: 'v1',
  kind: 'Thing',
  plural: 'things',
  namespaced: true,
});
const thing = {
  apiVersion: 'test.dev/v1',
  kind: 'Thing',
  metadata: { name: 'a', namespace: 'n', uid: 'u', resourceVersion: '1' },
  status: { phase: 'Old' },
};
const wanted = (name: string): Desired => ({
  mode: 'create',
  type: ConfigMap,
  object: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'n' } },
});
const unwanted = (name: string): Removal => ({ type: ConfigMap, namespace: 'n', name });
const event: EventIntent = { type: 'Normal', reason: 'Done', action: 'Do', note: 'done' };

/** A client that answers everything, records what it is asked, and fails as told by the first word of a request. */
function setUp(failures: Record<string, KubeError> = {}, options: Partial<ExecuteOptions> = {}) {
  const log: string[] = [];
  let inFlight = 0;
  let mostInFlight = 0;
  const act = async (what: string, object: KubeObject | undefined): Promise<KubeObject | undefined> => {
    log.push(what);
    mostInFlight = Math.max(mostInFlight, ++inFlight);
    await Promise.resolve();
    inFlight--;
    const failure = failures[what];
    if (failure) throw failure;
    return object && { ...object, metadata: { ...object.metadata, resourceVersion: '2' } };
  };
  const client = {
    create: (_type: unknown, object: KubeObject) => act(`create ${object.metadata.name}`, object),
    delete: (_type: unknown, ref: { name: string }) => act(`delete ${ref.name}`, undefined),
    apply: (_type: unknown, object: KubeObject, { subresource }: { subresource?: string }) =>
      act(`apply ${object.metadata.name} ${subresource} @${object.metadata.resourceVersion}`, object),
    patch: (_type: unknown, ref: { name: string }, patch: { body: { op: string }[] }) =>
      act(`patch ${ref.name} ${patch.body.at(-1)?.op}`, thing),
    get: (_type: unknown, ref: { name: string }) => act(`get ${ref.name}`, thing),
  } as unknown as KubeClient;
  const writer = new Writer({
    targets: new Map([['default', { client, informers: [] }]]),
    fieldManager: 'm',
    ownWrites: new OwnWrites(new FakeClock()),
  });
  const run = (plan: Plan) =>
    execute(
      'n/a',
      plan,
      { on: 'default', type: Thing, object: thing },
      {
        writer,
        fieldManager: 'm',
        signal: new AbortController().signal,
        parallelism: 16,
        maxWrites: 256,
        emit: ({ reason }) => void log.push(`event ${reason}`),
        ...options,
      },
    );
  return { log, run, most: () => mostInFlight };
}

const outage = new KubeError({ status: 503, reason: 'ServiceUnavailable', message: 'down' });
const invalid = new KubeError({ status: 422, reason: 'Invalid', message: 'spec.x is wrong' });
const conflict = new KubeError({ status: 409, reason: 'Conflict', message: 'changed' });

describe('execute', () => {
  test('an empty plan does nothing', async () => {
    const { log, run } = setUp();
    expect(await run({})).toEqual({ again: false, writes: 0 });
    expect(log).toEqual([]);
  });

  test('finalizers to add, children, removals, status, events, finalizers to remove: in this order', async () => {
    const { log, run } = setUp();
    const outcome = await run({
      finalizers: { add: ['f'] },
      apply: [wanted('x')],
      remove: [unwanted('y')],
      status: { phase: 'New' },
      events: [event],
    });
    // The status is written at the version that the finalizer made.
    expect(log).toEqual(['patch a add', 'create x', 'delete y', 'apply a status @2', 'event Done']);
    expect(outcome).toEqual({ again: false, writes: 4 });
  });

  test('a status that others write too is written at the version that was decided on, and no other', async () => {
    const { log, run } = setUp({ 'apply a status @1': conflict });
    const write = { type: Thing, object: thing, status: { phase: 'New' }, atVersion: true };
    await expect(run({ statuses: [write] })).rejects.toThrow('changed');
    expect(log).toEqual(['apply a status @1']);
  });

  test('a status that is so already is not written, its events are told all the same', async () => {
    const { log, run } = setUp();
    await run({ status: { phase: 'Old' }, events: [event] });
    expect(log).toEqual(['event Done']);
  });

  test('at most so many at once', async () => {
    const { run, most } = setUp({}, { parallelism: 4 });
    await run({ apply: Array.from({ length: 40 }, (_, i) => wanted(`x${i}`)) });
    expect(most()).toBe(4);
  });

  test('at most so many in all; then at once again, before status, events and removals', async () => {
    const { log, run } = setUp({}, { maxWrites: 10 });
    const plan = {
      apply: Array.from({ length: 12 }, (_, i) => wanted(`x${i}`)),
      remove: [unwanted('y')],
      status: { phase: 'New' },
      events: [event],
    };
    expect(await run(plan)).toEqual({ again: true, writes: 10 });
    expect(log.every((line) => line.startsWith('create'))).toBe(true);
  });

  test.each<[string, string, string[]]>([
    ['of a child', 'create x', ['create x', 'create z']],
    ['of a removal', 'delete y', ['create x', 'create z', 'delete y']],
    ['of the status', 'apply a status @1', ['create x', 'create z', 'delete y', 'apply a status @1']],
  ])('after a failure %s that may pass nothing later is done, and no event told', async (_, failing, done) => {
    const { log, run } = setUp({ [failing]: conflict });
    const plan = {
      apply: [wanted('x'), wanted('z')],
      remove: [unwanted('y')],
      status: { phase: 'New' },
      events: [event],
    };
    await expect(run(plan)).rejects.toBe(conflict);
    expect(log).toEqual(done);
  });

  test('in an outage no further child is tried', async () => {
    const { log, run } = setUp({ 'create x0': outage }, { parallelism: 1 });
    await expect(run({ apply: [wanted('x0'), wanted('x1')] })).rejects.toBe(outage);
    expect(log).toEqual(['create x0']);
  });

  test('what is of no use without another waits for it within the run', async () => {
    const first = wanted('first');
    const { log, run } = setUp();
    await run({ apply: [first, { ...wanted('then'), after: first }, wanted('beside')] });
    expect(log).toEqual(['create first', 'create beside', 'create then']);
  });

  test.each<[string, KubeError, string[]]>([
    ['is refused', invalid, ['create first', 'create beside', 'apply a status @1']],
    ['fails for now', conflict, ['create first', 'create beside']],
    ['fails in an outage', outage, ['create first']],
  ])('while that one %s it is not sent', async (_, failure, done) => {
    const first = wanted('first');
    const { log, run } = setUp({ 'create first': failure }, failure === outage ? { parallelism: 1 } : {});
    const plan = {
      apply: [first, { ...wanted('then'), after: first }, wanted('beside')],
      status: { phase: 'New' },
    };
    await expect(run(plan)).rejects.toBe(failure);
    expect(log).toEqual(done);
  });

  test('in an outage of something else it waits too', async () => {
    const first = wanted('first');
    const { log, run } = setUp({ 'create beside': outage });
    await expect(run({ apply: [first, wanted('beside'), { ...wanted('then'), after: first }] })).rejects.toBe(outage);
    expect(log).toEqual(['create first', 'create beside']);
  });

  test('a child refused for good fails the run, but the status and its events are written', async () => {
    const { log, run } = setUp({ 'create x': invalid });
    const plan = { apply: [wanted('x'), wanted('z')], status: { phase: 'New' }, events: [event] };
    await expect(run(plan)).rejects.toBe(invalid);
    expect(log).toEqual(['create x', 'create z', 'apply a status @1', 'event Done']);
  });

  test('a refusal that the controller deals with is no failure, and is considered at once', async () => {
    const refused: RefusedWrite[] = [];
    const { run } = setUp({ 'create x': invalid }, { refused: (write) => refused.push(write) > 0 });
    expect(await run({ apply: [wanted('x')] })).toEqual({ again: true, writes: 0 });
    expect(refused).toEqual([{ kind: 'apply', desired: wanted('x') }]);
  });

  test('a status that is too large for the store is a refusal', async () => {
    const tooLarge = new KubeError({
      status: 500,
      reason: 'InternalError',
      message: 'etcdserver: request is too large',
    });
    const kinds: string[] = [];
    const { log, run } = setUp({ 'apply a status @1': tooLarge }, { refused: (write) => kinds.push(write.kind) > 0 });
    expect(await run({ status: { phase: 'New' }, events: [event] })).toEqual({ again: true, writes: 0 });
    expect(kinds).toEqual(['status']);
    expect(log).not.toContain('event Done');
  });

  test('a real failure is told rather than a conflict beside it', async () => {
    const { run } = setUp({ 'create x': conflict, 'create z': invalid });
    await expect(run({ apply: [wanted('x'), wanted('z')] })).rejects.toBe(invalid);
  });

  test('finalizers are removed only when all else is done', async () => {
    const deleting = setUp({ 'delete y': conflict });
    await expect(deleting.run({ remove: [unwanted('y')], finalizers: { remove: ['f'] } })).rejects.toBe(conflict);
    expect(deleting.log).toEqual(['delete y']);
  });

  test('statuses of other objects are written as well', async () => {
    const { log, run } = setUp();
    const other = { ...thing, metadata: { ...thing.metadata, name: 'b' } };
    await run({ statuses: [{ type: Thing, object: other, status: { phase: 'New' } }] });
    expect(log).toEqual(['apply b status @1']);
  });

  test('a cluster that is not known is a mistake that is told', async () => {
    const { run } = setUp();
    await expect(run({ apply: [{ ...wanted('x'), on: 'moon' }] })).rejects.toThrow(
      'cluster "moon" is unknown; known: default',
    );
  });
});
