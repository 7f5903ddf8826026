import { describe, expect, test } from '@jest/globals';
import type { Workflow } from '@osmo/crds';
import { template, workflow } from '../testing/objects.ts';
import { WorkflowRecords } from './records.ts';

const at = new Date('2026-01-01T12:00:00Z');
const ended = (more: Partial<Workflow['spec']> = {}): Workflow => ({
  ...workflow({ tasks: [template('a')], ...more }),
  status: {
    phase: 'Failed',
    observedGeneration: 1,
    conditions: [
      { type: 'Succeeded', status: 'False', reason: 'Error', message: '', lastTransitionTime: '2026-01-01T12:00:00Z' },
    ],
  },
});

describe('the record of a workflow', () => {
  const begin = () => {
    const records = new WorkflowRecords(() => []);
    const object = workflow({ tasks: [template('a')] });
    records.recordOf(object);
    return { records, object };
  };

  test('is kept while it is under way, and notes when its status was written', () => {
    const { records, object } = begin();
    records.workflowChanged({ old: object, new: { ...object, status: { phase: 'Running', conditions: [] } } }, at);
    expect(records.find('uid-of-wf')?.status.at).toBe(at);
  });

  test('goes as soon as it has ended', () => {
    const { records, object } = begin();
    records.workflowChanged({ old: object, new: ended() }, at);
    expect(records.size).toBe(0);
  });

  test('stays when it is to be run again', () => {
    const { records, object } = begin();
    records.workflowChanged({ old: object, new: ended({ restart: { id: '1' } }) }, at);
    expect(records.size).toBe(1);
  });

  test('goes when it is deleted, and when another one takes its name', () => {
    const { records, object } = begin();
    const other = { ...object, metadata: { ...object.metadata, uid: 'other' } };
    records.workflowChanged({ old: object, new: other }, at);
    expect(records.size).toBe(0);
    records.recordOf(other);
    records.workflowChanged({ old: other }, at);
    expect(records.size).toBe(0);
  });
});
