import { describe, expect, test } from '@jest/globals';
import { at, atDate, boundPod, container, deletedPod, running, terminated } from '../testing/pods.ts';
import { waitForLog } from './log-wait.ts';

const uid = boundPod('Running', running()).metadata.uid ?? '';
const logs = { pending: new Set([uid]), releaseSeconds: 300 };
const ended = boundPod('Succeeded', [container(terminated(0))]);
const runs = boundPod('Running', running());

describe('a pod that is to go', () => {
  test('waits for nothing when its log is stored, or logs are not', () => {
    for (const pod of [ended, runs, deletedPod(ended, 30), deletedPod(runs, 30)]) {
      expect(waitForLog(pod, {})).toBeUndefined();
      expect(waitForLog(pod, { logs: { ...logs, pending: new Set() } })).toBeUndefined();
    }
  });

  test('and runs is deleted at once, since only then its log ends', () => {
    expect(waitForLog(runs, { logs })).toBeUndefined();
  });

  test('and has ended waits from its end, or from when its deletion was asked for', () => {
    expect(waitForLog(ended, { logs })).toEqual(atDate(20 + 300));
    expect(waitForLog(deletedPod(ended, 1000), { logs })).toEqual(atDate(1000 + 300));
  });

  test('and ends in order waits for its log, but not for a node that does not answer', () => {
    expect(waitForLog(deletedPod(runs, 100, 30), { logs })).toEqual(atDate(100 + 30 + 30));
    expect(waitForLog(deletedPod(runs, 100, 3600), { logs })).toEqual(atDate(100 + 300));
    expect(waitForLog(deletedPod(runs, 100, 0), { logs })).toEqual(atDate(100 + 30));
  });

  test('and has no time of its end does not wait', () => {
    const pod = boundPod('Failed', []);
    expect(waitForLog(pod, { logs })?.getTime()).toBeLessThan(Date.parse(at(0)));
  });
});
