import { expect, test } from '@jest/globals';
import { WorkflowType } from '@osmo/crds';
import { workflow } from '../testing/objects.ts';
import { type Archived, planArchive } from './plan.ts';

const now = new Date('2026-01-02T00:00:00Z');
const later = new Date('2026-01-02T00:00:30Z');
const plan = (archived: Archived | undefined, deleteAt = now) =>
  planArchive({ now, workflow: workflow({}), deleteAt, archived });

const removal = {
  type: WorkflowType,
  namespace: 'lab',
  name: 'wf',
  uid: 'uid-of-wf',
  resourceVersion: '1',
  propagationPolicy: 'Background',
};

test('it stays until its time has come', () => {
  expect(plan(undefined, later)).toEqual({ wakeAt: later });
});

test('it goes exactly as it was recorded, and an Event says where the record is', () => {
  expect(plan({ state: 'Stored', url: 's3://b/records/lab/u.json.gz' })).toEqual({
    remove: [removal],
    events: [
      {
        type: 'Normal',
        reason: 'Archived',
        action: 'Archive',
        note: 'its record is in the archive, s3://b/records/lab/u.json.gz; its objects were deleted',
      },
    ],
  });
});

test('it goes without a word where no records are kept', () => {
  expect(plan({ state: 'None' })).toEqual({ remove: [removal] });
});

test('it stays while its record can not be written, and an Event says why', () => {
  expect(plan({ state: 'Failed', message: 's3://b/x: SlowDown (HTTP 503)', retryAt: later })).toEqual({
    events: [
      {
        type: 'Warning',
        reason: 'ArchiveFailed',
        action: 'Archive',
        note:
          'the record could not be archived, so nothing is deleted; it will be tried again: ' +
          's3://b/x: SlowDown (HTTP 503)',
      },
    ],
    wakeAt: later,
  });
});

test('it waits for the next attempt without saying it again', () => {
  expect(plan({ state: 'Waiting', retryAt: later })).toEqual({ wakeAt: later });
});
