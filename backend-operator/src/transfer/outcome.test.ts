import { describe, expect, test } from '@jest/globals';
import type { Pod, PodStatus } from '@osmo/kube';
import { encodeResult, type TransferResult } from '@osmo/task-runtime/plan';
import { afterAttempt } from '../group/attempt-end.ts';
import { classify } from '../group/classify.ts';
import { statusByPod } from '../group/status.ts';
import { isSettled } from '../logs/subject.ts';
import { at, atDate, boundPod, container, deletedPod, running, terminated, waiting } from '../testing/pods.ts';
import { newTask } from '../testing/tasks.ts';

type State = ReturnType<typeof running>;
interface Ends {
  download?: State;
  runtime?: State;
  command: State;
}

const minutesLater = { finishedAt: at(620) };

function podOf(phase: NonNullable<PodStatus['phase']>, { download, runtime, command }: Ends): Pod {
  const statuses = [
    ...(download === undefined ? [] : [container(download, 'osmo-download')]),
    ...(runtime === undefined ? [] : [container(runtime, 'osmo-runtime')]),
  ];
  const pod = boundPod(phase, command, { initContainerStatuses: statuses });
  pod.spec.terminationGracePeriodSeconds = 600;
  pod.spec.initContainers = [
    { name: 'osmo-download', image: 'r' },
    { name: 'osmo-runtime', image: 'r', restartPolicy: 'Always' },
  ];
  return pod;
}

const said = (result: Omit<TransferResult, 'version'>) => ({ message: encodeResult({ version: 1, ...result }) });
const ok = (result: Omit<TransferResult, 'version'> = {}) => terminated(0, 'Completed', said(result));
const bad = (code: number, message: string) => terminated(code, 'Error', said({ code, message }));
const notStarted = waiting('PodInitializing');
const verdict = (pod: Pod) => classify(pod, atDate(60));
const isInfrastructure = (pod: Pod) => {
  const end = afterAttempt(newTask(), verdict(pod));
  return end.kind === 'again' && end.again.cause === 'Infrastructure';
};

describe('the verdict about a pod with data', () => {
  test.each<[string, Pod, object, boolean]>([
    [
      'all went well',
      podOf('Succeeded', { download: ok(), runtime: ok(), command: terminated(0) }),
      { phase: 'Completed', exitCode: 0 },
      false,
    ],
    [
      'the command failed, its outputs are kept',
      podOf('Failed', { download: ok(), runtime: ok(), command: terminated(3) }),
      { phase: 'Failed', reason: 'Error', exitCode: 3 },
      false,
    ],
    [
      'inputs can not be had',
      podOf('Failed', { download: bad(10, 'input 0: reset'), runtime: notStarted, command: notStarted }),
      { phase: 'Failed', reason: 'DownloadFailed', exitCode: 2010, message: expect.stringContaining('input 0: reset') },
      true,
    ],
    [
      'a wrong key',
      podOf('Failed', { download: bad(14, 'input 0: refused'), runtime: notStarted, command: notStarted }),
      { phase: 'Failed', reason: 'DataDenied', exitCode: 2014 },
      false,
    ],
    [
      'a full disk',
      podOf('Failed', { download: bad(32, 'no space left'), runtime: notStarted, command: notStarted }),
      { phase: 'Failed', reason: 'DataError', exitCode: 2032 },
      false,
    ],
    [
      'a download that was killed for memory',
      podOf('Failed', { download: terminated(137, 'OOMKilled'), runtime: notStarted, command: notStarted }),
      { phase: 'Failed', reason: 'DownloadFailed', exitCode: 2010, message: expect.stringContaining('OOMKilled') },
      true,
    ],
    [
      'outputs that could not be uploaded',
      podOf('Succeeded', { download: ok(), runtime: bad(12, 'output: reset'), command: terminated(0) }),
      { phase: 'Failed', reason: 'UploadFailed', exitCode: 2012, message: expect.stringContaining('output: reset') },
      true,
    ],
    [
      'an upload that took too long',
      podOf('Succeeded', { download: ok(), runtime: terminated(137, 'Error', minutesLater), command: terminated(0) }),
      {
        phase: 'Failed',
        reason: 'UploadFailed',
        exitCode: 2012,
        message: expect.stringContaining(
          'not uploaded within 600 s after the command ended; set timeouts.uploadSeconds',
        ),
      },
      true,
    ],
    [
      'an upload that was killed before its time was over',
      podOf('Succeeded', { download: ok(), runtime: terminated(137, 'Error'), command: terminated(0) }),
      {
        phase: 'Failed',
        reason: 'UploadFailed',
        exitCode: 2012,
        message: expect.not.stringContaining('uploadSeconds'),
      },
      true,
    ],
    [
      'a runtime of which nothing is known',
      podOf('Succeeded', { download: ok(), command: terminated(0) }),
      { phase: 'Failed', reason: 'UploadFailed', exitCode: 2012 },
      true,
    ],
    [
      'command and upload failed: the command says what it was',
      podOf('Failed', { download: ok(), runtime: bad(12, 'reset'), command: terminated(3) }),
      { phase: 'Failed', reason: 'Error', exitCode: 2012, message: expect.stringMatching(/code 3.*reset/) },
      false,
    ],
    [
      'a command that was killed for memory',
      podOf('Failed', { download: ok(), runtime: ok(), command: terminated(137, 'OOMKilled') }),
      { phase: 'Failed', reason: 'OOMKilled', exitCode: 3004 },
      false,
    ],
    [
      'the upload is under way',
      podOf('Running', { download: ok(), runtime: running(), command: terminated(0) }),
      { phase: 'Running' },
      false,
    ],
    [
      'the runtime crashes while the command runs',
      podOf('Running', { download: ok(), runtime: waiting('CrashLoopBackOff'), command: running() }),
      { phase: 'Running' },
      false,
    ],
    [
      'inputs are under way',
      podOf('Pending', { download: running(), runtime: notStarted, command: notStarted }),
      { phase: 'Initializing' },
      false,
    ],
    [
      'deleted during the upload',
      deletedPod(podOf('Running', { download: ok(), runtime: running(), command: terminated(0) }), 30),
      { phase: 'Failed', reason: 'BackendError' },
      true,
    ],
    [
      'evicted',
      podOf('Failed', { download: ok(), runtime: terminated(137), command: terminated(137) }),
      { phase: 'Failed', exitCode: 2012 },
      false,
    ],
  ])('%s', (_, pod, want, infrastructure) => {
    expect(verdict(pod)).toMatchObject(want);
    if (verdict(pod).phase === 'Failed') expect(isInfrastructure(pod)).toBe(infrastructure);
  });

  test('an eviction is one whatever became of the data', () => {
    const pod = podOf('Failed', { download: ok(), runtime: terminated(137), command: terminated(137) });
    pod.status = { ...pod.status, reason: 'Evicted', message: 'low on memory' };
    expect(verdict(pod)).toMatchObject({ reason: 'Evicted', exitCode: 3004 });
  });
});

describe('what is recorded', () => {
  const moved = { files: 2, bytes: 10 };
  const manifest = `blake3:${'0a'.repeat(32)}`;

  test('what was read and written, with the end', () => {
    const pod = podOf('Succeeded', {
      download: ok({ input: { ...moved, start: '2026-03-01T10:00:01.234Z', end: at(2) } }),
      runtime: ok({ output: { ...moved, manifest, stored: 7 }, outputs: [{ index: 1, ...moved, labels: { a: 1 } }] }),
      command: terminated(0),
    });
    expect(statusByPod(newTask(), pod, verdict(pod), 0).data).toEqual({
      input: { ...moved, startTime: at(1), completionTime: at(2) },
      output: { ...moved, manifest, storedBytes: 7 },
      outputs: [{ index: 1, ...moved, labels: { a: 1 } }],
    });
  });

  test('nothing before the end, nothing where nothing is said', () => {
    const going = podOf('Running', {
      download: ok({ input: { ...moved, start: at(1), end: at(2) } }),
      command: running(),
    });
    expect(statusByPod(newTask(), going, verdict(going), 0)).not.toHaveProperty('data');
    const silent = podOf('Failed', { download: ok(), runtime: terminated(137), command: terminated(1) });
    expect(statusByPod(newTask(), silent, verdict(silent), 0)).not.toHaveProperty('data');
  });

  test('a log may still come as long as outputs are uploaded', () => {
    expect(isSettled(podOf('Running', { runtime: running(), command: terminated(0) }))).toBe(false);
    expect(isSettled(podOf('Running', { runtime: ok(), command: terminated(0) }))).toBe(true);
  });
});
