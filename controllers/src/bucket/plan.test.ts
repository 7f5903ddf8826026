import { expect, test } from '@jest/globals';
import { bucket, dataset } from '../testing/data.ts';
import { planBucket } from './plan.ts';

const now = new Date('2026-01-01T12:00:00Z');
const readyOf = (...[mine, ...others]: [ReturnType<typeof bucket>, ...ReturnType<typeof bucket>[]]) =>
  planBucket({ now, bucket: mine, datasets: [], buckets: [mine, ...others] }).status?.conditions[0];

test('the status sums up what the datasets say of themselves', () => {
  const status = { conditions: [], versions: 2, logicalBytes: 10, storedBytes: 3 };
  const datasets = [{ ...dataset('a'), status }, { ...dataset('b'), status }, dataset('new')];
  expect(planBucket({ now, bucket: bucket(), datasets, buckets: [bucket()] }).status).toMatchObject({
    ...{ datasets: 3, versions: 4, logicalBytes: 20, storedBytes: 6 },
    conditions: [{ type: 'Ready', status: 'True', reason: 'Available' }],
  });
});

test('a URL that can be none, and a second default, are said', () => {
  expect(readyOf(bucket('robots', { url: 's3://B' }))).toMatchObject({
    ...{ status: 'False', reason: 'InvalidURL', message: expect.stringMatching(/^spec\.url: .*bucket "B"/) },
  });
  const [a, b] = [bucket('a', { default: true, url: 's3://aaa' }), bucket('b', { default: true, url: 's3://bbb' })];
  expect(readyOf(a, b)).toMatchObject({ status: 'True' });
  expect(readyOf(b, a)).toMatchObject({ status: 'False', reason: 'OtherDefault' });
});

test('a bucket that is being deleted is left alone', () => {
  const { metadata } = bucket();
  const gone = { ...bucket(), metadata: { ...metadata, deletionTimestamp: '2026-01-01T00:00:00Z' } };
  expect(planBucket({ now, bucket: gone, datasets: [], buckets: [gone] })).toEqual({});
});
