import { expect, test } from '@jest/globals';
import type { Workflow } from '@osmo/crds';
import { KubeError, systemClock } from '@osmo/kube';
import { createWorkflow } from './create.ts';
import { Numbers } from './numbers.ts';

/** An apiserver that takes a name once; `taken` is what a cache knows of it: nothing new. */
function server(...names: string[]) {
  const stored = new Set(names);
  const asked: string[] = [];
  return {
    stored,
    asked,
    async create(_: unknown, object: unknown): Promise<never> {
      const { name } = (object as Workflow).metadata;
      asked.push(name);
      await new Promise((resolve) => setImmediate(resolve));
      if (name.startsWith('refused')) throw new KubeError({ status: 403, reason: 'Forbidden', message: 'no' });
      if (stored.has(name)) throw new KubeError({ status: 409, reason: 'AlreadyExists', message: 'taken' });
      stored.add(name);
      return object as never;
    },
  };
}
const signal = new AbortController().signal;
const wanted = (base: string, dryRun = false) => ({
  base,
  namespace: 'default',
  spec: { tasks: [] },
  submittedBy: 'ada',
  dryRun,
});

test('many at once under one name get a number each, and nobody asks for one twice', async () => {
  const api = server('train-1', 'train-2');
  const numbers = new Numbers(systemClock);
  const all = Array.from({ length: 100 }, () =>
    createWorkflow(api, wanted('train'), numbers, () => ['train-2'], signal),
  );
  const names = (await Promise.all(all)).map(({ workflow }) => workflow.metadata.name);
  expect(names).toEqual(Array.from({ length: 100 }, (_, index) => `train-${index + 3}`));
  expect(api.asked).toHaveLength(100);
});

test('replicas that know nothing of each other share the numbers', async () => {
  const api = server();
  const replicas = [new Numbers(systemClock), new Numbers(systemClock), new Numbers(systemClock)];
  const known = () => [...api.stored];
  const all = Array.from({ length: 60 }, (_, index) =>
    createWorkflow(api, wanted('train'), replicas[index % 3] as Numbers, known, signal),
  );
  expect(new Set((await Promise.all(all)).map(({ workflow }) => workflow.metadata.name)).size).toBe(60);
});

test('a number of which nothing came is given again', async () => {
  const api = server();
  const numbers = new Numbers(systemClock);
  for (const _ of [1, 2]) {
    await expect(createWorkflow(api, wanted('refused'), numbers, () => [], signal)).rejects.toThrow('no');
  }
  await createWorkflow(api, wanted('train', true), numbers, () => [], signal);
  const { workflow } = await createWorkflow(server(), wanted('train'), numbers, () => [], signal);
  expect([api.asked, workflow.metadata.name]).toEqual([['refused-1', 'refused-1', 'train-1'], 'train-1']);
});

test('what the apiserver warns of comes along', async () => {
  const create = (_: unknown, object: unknown, { onWarning }: { onWarning?: (text: string) => void } = {}) => {
    onWarning?.('spec.pool: waits');
    return Promise.resolve(object);
  };
  const client = { create } as unknown as Parameters<typeof createWorkflow>[0];
  const { warnings } = await createWorkflow(client, wanted('train'), new Numbers(systemClock), () => [], signal);
  expect(warnings).toEqual(['spec.pool: waits']);
});
