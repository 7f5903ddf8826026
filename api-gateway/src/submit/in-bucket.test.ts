import { expect, test } from '@jest/globals';
import type { WorkflowSpecInput } from '@osmo/crds';
import { inBucket } from './in-bucket.ts';

type Task = NonNullable<WorkflowSpecInput['tasks']>[number];
const task = (more: Partial<Task>): Task => ({ name: 't', image: 'busybox', command: ['true'], ...more });

test.each<[string, Partial<Task>, Partial<Task>]>([
  ['an input', { inputs: [{ dataset: { name: 'lidar' } }] }, { inputs: [{ dataset: { name: 'maps/lidar' } }] }],
  [
    'its version, and what else is said of it, stay',
    { inputs: [{ dataset: { name: 'Night_Drives:golden', path: 'city' } }] },
    { inputs: [{ dataset: { name: 'maps/Night_Drives:golden', path: 'city' } }] },
  ],
  [
    'outputs of both kinds',
    { outputs: [{ dataset: { name: 'a:raw' } }, { updateDataset: { name: 'b', paths: ['labels'] } }] },
    { outputs: [{ dataset: { name: 'maps/a:raw' } }, { updateDataset: { name: 'maps/b', paths: ['labels'] } }] },
  ],
  [
    'what names a bucket stays there',
    { inputs: [{ dataset: { name: 'sets/lidar:3' } }] },
    { inputs: [{ dataset: { name: 'sets/lidar:3' } }] },
  ],
  [
    'what is no dataset stays as it is',
    {
      inputs: [{ task: { name: 'other' } }, { url: { url: 's3://lab/raw' } }],
      outputs: [{ url: { url: 's3://lab/x' } }],
    },
    {
      inputs: [{ task: { name: 'other' } }, { url: { url: 's3://lab/raw' } }],
      outputs: [{ url: { url: 's3://lab/x' } }],
    },
  ],
  [
    'what is no name stays for those who refuse it',
    { inputs: [{ dataset: { name: 'a/b/c' } }, { dataset: { name: '' } }] },
    { inputs: [{ dataset: { name: 'a/b/c' } }, { dataset: { name: '' } }] },
  ],
  ['a task without data', {}, {}],
])('%s', (_, given, want) => {
  expect(inBucket({ tasks: [task(given)] }, 'maps')).toEqual({ tasks: [task(want)] });
  const groups = (more: Partial<Task>): WorkflowSpecInput => ({ groups: [{ name: 'g', tasks: [task(more)] }] });
  expect(inBucket(groups(given), 'maps')).toEqual(groups(want));
  expect(inBucket(groups(given), undefined)).toEqual(groups(given));
});
