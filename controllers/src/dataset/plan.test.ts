import { describe, expect, test } from '@jest/globals';
import type { Dataset, DatasetSpec, DatasetVersion } from '@osmo/crds';
import { bucket, dataset, version } from '../testing/data.ts';
import { planDataset } from './plan.ts';

const now = new Date('2026-01-01T12:00:00Z');
const plan = (of: Dataset, ...versions: DatasetVersion[]): ReturnType<typeof planDataset> =>
  planDataset({ now, dataset: of, versions, bucket: bucket() });
const settledAt = (settledVersion: number, spec: Partial<DatasetSpec> = {}): Dataset => ({
  ...dataset('scenes', spec),
  status: { conditions: [], settledVersion },
});
const deleting = (of: DatasetVersion): DatasetVersion => ({
  ...of,
  metadata: { ...of.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' },
});

describe('the status', () => {
  test('has the newest version that no failed task made, the highest number, and sums', () => {
    const failed = version('scenes', 3, { provenance: { outcome: 'Failed' } });
    expect(plan(dataset(), failed, version('scenes', 1), version('scenes', 2)).status).toMatchObject({
      conditions: [{ type: 'Ready', status: 'True', reason: 'Available' }],
      ...{ latestVersion: 2, lastVersion: 3, settledVersion: 3, versions: 3, logicalBytes: 30, storedBytes: 12 },
    });
  });
  test('remembers the highest number when its version goes', () => {
    const before = plan(dataset(), version('scenes', 7)).status;
    expect(
      plan({ ...dataset(), ...(before && { status: before }) }, deleting(version('scenes', 7))).status,
    ).toMatchObject({
      ...{ lastVersion: 7, settledVersion: 7, versions: 0 },
    });
  });
  test('says that the bucket is missing', () => {
    const status = planDataset({ now, dataset: dataset(), versions: [], bucket: undefined }).status;
    expect(status?.conditions).toMatchObject([
      {
        type: 'Ready',
        status: 'False',
        reason: 'BucketNotFound',
        message: 'spec.bucket: "robots": there is no such Bucket',
      },
    ]);
  });
  test('of a dataset that is being deleted is left alone', () => {
    const { metadata } = dataset();
    expect(plan({ ...dataset(), metadata: { ...metadata, deletionTimestamp: '2026-01-01T00:00:00Z' } })).toEqual({});
  });
});

describe('what versions ask for', () => {
  const golden = (number: number, more: object = {}) => version('scenes', number, { tag: 'golden', ...more });
  const specOf = (of: ReturnType<typeof planDataset>) => of.apply?.map(({ object }) => (object as Dataset).spec);

  test('moves tags and merges labels, in the order of the versions', () => {
    const had = settledAt(1, {
      tags: [
        { name: 'golden', version: 1 },
        { name: 'old', version: 1 },
      ],
      labels: { robot: { name: 'spot', legs: 4 }, kept: [1] },
    });
    const wish = plan(
      had,
      golden(3, { labels: { robot: { name: 'anymal' } } }),
      golden(2, { labels: { robot: { name: 'x', arm: 1 } } }),
    );
    expect(specOf(wish)).toEqual([
      {
        tags: [
          { name: 'golden', version: 3 },
          { name: 'old', version: 1 },
        ],
        labels: { robot: { name: 'anymal', legs: 4, arm: 1 }, kept: [1] },
      },
    ]);
    // Only at the version of the object that it was read from.
    expect(wish.apply?.[0]?.object.metadata.resourceVersion).toBe('1');
    expect(wish.status?.settledVersion).toBe(3);
  });
  test('is taken over once: a tag that somebody moved since stays where it is', () => {
    expect(plan(settledAt(3, { tags: [{ name: 'golden', version: 1 }] }), golden(3)).apply).toEqual([]);
  });
  test('is nothing to write when it is so already, or when nothing is asked for', () => {
    expect(plan(settledAt(0, { tags: [{ name: 'golden', version: 3 }] }), golden(3)).apply).toEqual([]);
    expect(plan(settledAt(0), version('scenes', 1), version('scenes', 2, { tag: 'latest' })).apply).toEqual([]);
  });
});
