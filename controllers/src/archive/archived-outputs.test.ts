import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { type ObjectStore, openStore, StoreError, writeRecord } from '@osmo/storage';
import { leaving, manifestOf } from '../testing/data.ts';
import { ArchivedOutputs } from './archived-outputs.ts';

let folder: string;
let store: ObjectStore;
/** Folders that were listed. */
let asked: string[];
let down = false;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'osmo-archived-'));
  const files = await openStore(`file://${folder}`);
  asked = [];
  down = false;
  store = new Proxy(files, {
    get(target, property) {
      const value: unknown = Reflect.get(target, property);
      if (typeof value !== 'function') return value;
      return (...args: unknown[]): unknown => {
        if (property === 'list') {
          asked.push(String(args[0]));
          if (down) throw new StoreError('Unavailable', 'file:///archive', 'nobody answers');
        }
        return (value as (...all: unknown[]) => unknown).apply(target, args);
      };
    },
  });
});

afterEach(() => rm(folder, { recursive: true }));

const at = new Date('2026-03-10T00:00:00Z');

async function archive(
  name: string,
  uid: string,
  day: number,
  outputs: Record<string, string | undefined>,
): Promise<void> {
  async function* tasks() {
    for (const [taskName, word] of Object.entries(outputs)) {
      const data = word === undefined ? {} : leaving(word);
      yield {
        apiVersion: 'osmo.dev/v1alpha1',
        kind: 'Task',
        metadata: { name: taskName },
        spec: { taskName },
        status: { data },
      };
    }
  }
  await writeRecord(store, {
    summary: {
      ...{ namespace: 'lab', name, uid, run: 0, phase: 'Completed', pool: 'default', priority: 'Normal' },
      completionTime: `2026-03-0${day}T12:00:00Z`,
    },
    workflow: { apiVersion: 'osmo.dev/v1alpha1', kind: 'Workflow', metadata: { name } },
    tasks: tasks(),
    events: [],
    imageOf: () => ({ image: 'i', imageIDs: [] }),
  });
}

/** Asks, loads what isn't known, and asks again. */
async function found(archived: ArchivedOutputs, name: string, now = at) {
  if (archived.find('lab', name, now) === undefined) await archived.load(archived.takeWanted(), now);
  return archived.find('lab', name, now);
}

test('of several of one name the latest is meant, with what each of its tasks left', async () => {
  await archive('train', 'uid-1', 1, { a: 'old' });
  await archive('train', 'uid-3', 3, { a: 'new', b: undefined });
  await archive('other', 'uid-4', 4, { a: 'other' });
  const archived = new ArchivedOutputs(store);
  const outputs = new Map([
    ['a', manifestOf('new')],
    ['b', undefined],
  ]);
  expect(await found(archived, 'train')).toEqual({ kind: 'found', uid: 'uid-3', outputs });
  expect(await found(archived, 'none')).toEqual({ kind: 'none' });
});

test('the store is asked once, until something happens to the name in the cluster', async () => {
  const archived = new ArchivedOutputs(store);
  expect(archived.find('lab', 'train', at)).toBeUndefined();
  const wanted = archived.takeWanted();
  expect([wanted, archived.takeWanted()]).toEqual([['lab/train'], []]);
  await Promise.all([archived.load(wanted, at), archived.load(wanted, at)]);
  expect(await found(archived, 'train')).toEqual({ kind: 'none' });
  expect(asked).toEqual(['by-time/lab/']);
  await archive('train', 'uid-1', 1, {});
  expect(await found(archived, 'train')).toEqual({ kind: 'none' });
  archived.forget('lab', 'train');
  expect(await found(archived, 'train')).toMatchObject({ kind: 'found', uid: 'uid-1' });
});

test('a store that is down is asked again after a while', async () => {
  await archive('train', 'uid-1', 1, {});
  down = true;
  const archived = new ArchivedOutputs(store);
  const retryAt = new Date(at.getTime() + 30_000);
  const failed = { kind: 'failed', why: 'file:///archive: nobody answers', retryAt };
  expect(await found(archived, 'train')).toEqual(failed);
  down = false;
  expect(await found(archived, 'train', new Date(retryAt.getTime() - 1))).toEqual(failed);
  expect(await found(archived, 'train', retryAt)).toMatchObject({ kind: 'found' });
});
