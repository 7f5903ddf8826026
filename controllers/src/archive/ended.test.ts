import { describe, expect, test } from '@jest/globals';
import type { Workflow } from '@osmo/crds';
import { workflow } from '../testing/objects.ts';
import { deletionTime, endOf } from './ended.ts';

const stays = { defaultTtlSeconds: undefined, leastSeconds: 0 };

function ended(status: 'True' | 'False' | 'Unknown', more: Partial<Workflow['status']> = {}): Workflow {
  const condition = { type: 'Succeeded', status, reason: 'R', message: '', lastTransitionTime: '2026-01-01T13:00:00Z' };
  return { ...workflow({}), status: { phase: 'Completed', conditions: [condition], ...more } };
}

describe('the end of a workflow', () => {
  test.each([
    ['completed', ended('True', { completionTime: '2026-01-01T12:59:58Z' }), '2026-01-01T12:59:58.000Z'],
    ['failed', ended('False', { completionTime: '2026-01-01T12:59:58Z' }), '2026-01-01T12:59:58.000Z'],
    ['was refused before anything ran', ended('False'), '2026-01-01T13:00:00.000Z'],
  ])('is known when it %s', (_, object, time) => {
    expect(endOf(object)?.toISOString()).toBe(time);
  });

  const done = ended('True');
  const restart = { id: 'again' };
  test.each([
    ['has not begun', workflow({})],
    ['runs', ended('Unknown')],
    ['is being deleted', { ...done, metadata: { ...done.metadata, deletionTimestamp: '2026-01-01T14:00:00Z' } }],
    ['is about to be restarted', { ...done, spec: { ...done.spec, restart } }],
    ['is about to be restarted anew', { ...ended('True', { restartID: 'x' }), spec: { ...done.spec, restart } }],
  ])('is not there when it %s', (_, object) => {
    expect(endOf(object)).toBeUndefined();
  });

  test('is there although a restart is asked for that a cancellation keeps from taking place', () => {
    expect(endOf({ ...done, spec: { ...done.spec, restart, cancel: {} } })).toBeDefined();
  });

  test('is there again when a restart has come to its end', () => {
    const object = { ...ended('True', { restartID: 'again' }), spec: { ...done.spec, restart } };
    expect(endOf(object)).toBeDefined();
  });
});

describe('the time to delete a workflow', () => {
  const at = (ttl: number | undefined, stay: Parameters<typeof deletionTime>[1]) => {
    const object = ended('True');
    const spec = { ...object.spec, ...(ttl !== undefined && { ttlSecondsAfterFinished: ttl }) };
    return deletionTime({ ...object, spec }, stay)?.toISOString();
  };

  test.each([
    ['never, when nobody says', undefined, stays, undefined],
    ['after its own time', 60, stays, '2026-01-01T13:01:00.000Z'],
    ['at once', 0, stays, '2026-01-01T13:00:00.000Z'],
    ['after the default', undefined, { ...stays, defaultTtlSeconds: 3600 }, '2026-01-01T14:00:00.000Z'],
    ['after its own time, not the default', 60, { ...stays, defaultTtlSeconds: 3600 }, '2026-01-01T13:01:00.000Z'],
    ['not before Events have come', 0, { ...stays, leastSeconds: 5 }, '2026-01-01T13:00:05.000Z'],
    ['after its own time, by when they have', 60, { ...stays, leastSeconds: 5 }, '2026-01-01T13:01:00.000Z'],
  ])('is %s', (_, ttl, stay, time) => {
    expect(at(ttl, stay)).toBe(time);
  });

  test('is not there before the end', () => {
    expect(deletionTime(workflow({ ttlSecondsAfterFinished: 0 }), stays)).toBeUndefined();
  });
});
