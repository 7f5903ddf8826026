import { describe, expect, test } from '@jest/globals';
import type { Pod } from '@osmo/kube';
import fc from 'fast-check';
import {
  at,
  atDate,
  boundConditions,
  boundPod,
  condition,
  container,
  deletedPod,
  newPod,
  running,
  terminated,
  waiting,
  withCondition,
} from '../testing/pods.ts';
import { classify } from './classify.ts';
import type { Verdict } from './verdict.ts';

interface Row {
  name: string;
  pod: Pod;
  /** Seconds after the pod's creation. */
  now?: number;
  want: Partial<Verdict>;
}

const disruption = (reason: string, offset = 10) =>
  condition('DisruptionTarget', 'True', offset, { reason, message: 'node drained' });

const notReady = { type: 'Ready', status: 'False' as const, lastTransitionTime: at(0) };

const rows: Row[] = [
  // Before a node
  { name: 'just created: no status yet', pod: newPod({}), want: { phase: 'Scheduling' } },
  { name: 'pending without conditions', pod: newPod(), want: { phase: 'Scheduling' } },
  {
    name: 'the scheduler found no node',
    pod: newPod({
      phase: 'Pending',
      conditions: [
        condition('PodScheduled', 'False', 1, {
          reason: 'Unschedulable',
          message: '0/1 nodes are available: 1 Insufficient nvidia.com/gpu.',
        }),
      ],
    }),
    want: {
      phase: 'Scheduling',
      reason: 'Unschedulable',
      message: '0/1 nodes are available: 1 Insufficient nvidia.com/gpu.',
    },
  },
  {
    name: 'a queue holds it by a scheduling gate',
    pod: newPod({
      phase: 'Pending',
      conditions: [
        condition('PodScheduled', 'False', 1, {
          reason: 'SchedulingGated',
          message: 'Scheduling is blocked due to non-empty scheduling gates',
        }),
      ],
    }),
    want: { phase: 'Scheduling', reason: 'SchedulingGated' },
  },
  {
    name: 'bound, the kubelet has not seen it',
    pod: newPod({ phase: 'Pending', conditions: [condition('PodScheduled', 'True', 1)] }),
    want: { phase: 'Scheduling', times: { scheduling: at(0), initializing: at(1) } },
  },
  // Starting
  {
    name: 'the image is being pulled',
    pod: boundPod('Pending', waiting('ContainerCreating')),
    want: { phase: 'Initializing', times: { scheduling: at(0), initializing: at(1) } },
  },
  {
    name: 'an init container runs',
    pod: boundPod('Pending', waiting('PodInitializing'), { initContainerStatuses: [container(running(3), 'prepare')] }),
    want: { phase: 'Initializing' },
  },
  {
    name: 'the start barrier holds it back',
    pod: boundPod('Pending', waiting('PodInitializing'), {
      initContainerStatuses: [container(running(3), 'osmo-barrier')],
    }),
    now: 9000,
    want: {
      phase: 'Initializing',
      reason: 'WaitingForPeers',
      message: 'ready, and waits for the other tasks of its group',
    },
  },
  {
    name: 'a volume does not mount: not yet a failure',
    pod: boundPod('Pending', waiting('ContainerCreating'), { conditions: boundConditions(false) }),
    now: 1800,
    want: { phase: 'Initializing', wakeAt: atDate(1 + 1800) },
  },
  {
    name: 'a volume does not mount for half an hour',
    pod: boundPod('Pending', waiting('ContainerCreating'), { conditions: boundConditions(false) }),
    now: 1801,
    want: { phase: 'Failed', reason: 'StartTimeout', exitCode: 3005 },
  },
  {
    name: 'pulling a huge image for an hour is no trouble',
    pod: boundPod('Pending', waiting('ContainerCreating')),
    now: 3600,
    want: { phase: 'Initializing' },
  },
  // Running and completed
  {
    name: 'the user container runs',
    pod: boundPod('Running', running()),
    want: { phase: 'Running', times: { scheduling: at(0), initializing: at(1), start: at(4) } },
  },
  {
    name: 'exit 0',
    pod: boundPod('Succeeded', terminated(0)),
    want: {
      phase: 'Completed',
      exitCode: 0,
      times: { scheduling: at(0), initializing: at(1), start: at(4), completion: at(20) },
    },
  },
  {
    name: 'the user container ended well while a template sidecar goes on',
    pod: boundPod('Running', [container(terminated(0)), container(running(), 'proxy')]),
    want: { phase: 'Completed', exitCode: 0 },
  },
  {
    name: 'the user container failed while a template sidecar goes on',
    pod: boundPod('Running', [container(terminated(7)), container(running(), 'proxy')]),
    want: { phase: 'Failed', reason: 'Error', exitCode: 7 },
  },
  {
    name: 'a template sidecar ended, the user container goes on',
    pod: boundPod('Running', [container(running()), container(terminated(1), 'proxy')]),
    want: { phase: 'Running' },
  },
  {
    name: 'the user container ended, a native sidecar still uploads',
    pod: boundPod('Running', terminated(0), { initContainerStatuses: [container(running(3), 'runtime')] }),
    want: { phase: 'Running' },
  },
  // Failed by the user's code
  {
    name: 'exit 1',
    pod: boundPod('Failed', terminated(1)),
    want: { phase: 'Failed', reason: 'Error', exitCode: 1, message: 'container train exited with code 1' },
  },
  {
    name: 'exit 255',
    pod: boundPod('Failed', terminated(255)),
    want: { phase: 'Failed', reason: 'Error', exitCode: 255 },
  },
  {
    name: 'killed by its own signal',
    pod: boundPod('Failed', terminated(139)),
    want: { phase: 'Failed', reason: 'Error', exitCode: 139 },
  },
  {
    name: 'the termination message is passed on',
    pod: boundPod('Failed', terminated(2, 'Error', { message: 'no such dataset\n' })),
    want: { message: 'container train exited with code 2: no such dataset' },
  },
  {
    name: 'several containers failed: the largest code',
    pod: boundPod('Failed', [container(terminated(3)), container(terminated(9), 'proxy')]),
    want: { phase: 'Failed', reason: 'Error', exitCode: 9 },
  },
  {
    name: 'an init container failed: 255 + its code',
    pod: boundPod('Failed', waiting('PodInitializing'), {
      initContainerStatuses: [container(terminated(2), 'prepare')],
    }),
    want: { phase: 'Failed', reason: 'Error', exitCode: 257 },
  },
  {
    name: 'the preflight test failed: 1000 + its code',
    pod: boundPod('Failed', waiting('PodInitializing'), {
      initContainerStatuses: [container(terminated(1), 'preflight-test')],
    }),
    want: { phase: 'Failed', exitCode: 1001 },
  },
  {
    name: 'the control container failed: 2000 + its code',
    pod: boundPod('Failed', [container(terminated(1)), container(terminated(10), 'osmo-ctrl')]),
    want: { phase: 'Failed', exitCode: 2010 },
  },
  {
    name: 'the start barrier failed: 2000 + its code, and not by the user',
    pod: boundPod('Failed', waiting('PodInitializing'), {
      initContainerStatuses: [container(terminated(24), 'osmo-barrier')],
    }),
    want: { phase: 'Failed', reason: 'BackendError', exitCode: 2024 },
  },
  {
    name: 'the start barrier ran out of its own memory',
    pod: boundPod('Failed', waiting('PodInitializing'), {
      initContainerStatuses: [container(terminated(137, 'OOMKilled'), 'osmo-barrier')],
    }),
    want: { phase: 'Failed', reason: 'BackendError', exitCode: 2137 },
  },
  {
    name: 'failed, and nothing says why',
    pod: newPod({ phase: 'Failed' }),
    want: { phase: 'Failed', reason: 'Unknown', exitCode: 4000, message: 'the pod failed and no container says why' },
  },
  {
    name: 'a deadline of the pod template',
    pod: boundPod('Failed', [], {
      reason: 'DeadlineExceeded',
      message: 'Pod was active on the node longer than the specified deadline',
    }),
    want: {
      phase: 'Failed',
      reason: 'Unknown',
      exitCode: 4000,
      message: 'DeadlineExceeded: Pod was active on the node longer than the specified deadline',
    },
  },
  // Memory, eviction, admission
  {
    name: 'out of memory',
    pod: boundPod('Failed', terminated(137, 'OOMKilled')),
    want: {
      phase: 'Failed',
      reason: 'OOMKilled',
      exitCode: 3004,
      message: 'container train exited with code 137 (OOMKilled)',
    },
  },
  {
    name: 'a sidecar ran out of memory',
    pod: boundPod('Failed', [container(terminated(1)), container(terminated(137, 'OOMKilled'), 'proxy')]),
    want: { reason: 'OOMKilled', exitCode: 3004 },
  },
  {
    name: 'evicted by the kubelet under disk pressure',
    pod: withCondition(
      boundPod('Failed', terminated(137), {
        reason: 'Evicted',
        message: 'The node was low on resource: ephemeral-storage.',
      }),
      disruption('TerminationByKubelet'),
    ),
    want: {
      phase: 'Failed',
      reason: 'Evicted',
      exitCode: 3004,
      message: 'Evicted: The node was low on resource: ephemeral-storage.',
    },
  },
  {
    name: 'pod reason StartError',
    pod: boundPod('Failed', [], { reason: 'StartError', message: 'x' }),
    want: { reason: 'StartError', exitCode: 3003 },
  },
  {
    name: 'refused by the kubelet: device plugin',
    pod: boundPod('Failed', [], { reason: 'UnexpectedAdmissionError', message: 'Allocate failed' }),
    want: { reason: 'BackendError', exitCode: 3001 },
  },
  {
    name: 'refused by the kubelet: no CPU left',
    pod: boundPod('Failed', [], { reason: 'OutOfcpu', message: 'Node did not have enough resource: cpu' }),
    want: { reason: 'BackendError', exitCode: 3001 },
  },
  {
    name: 'refused by the kubelet: no GPU left',
    pod: boundPod('Failed', [], { reason: 'OutOfnvidia.com/gpu' }),
    want: { reason: 'BackendError', exitCode: 3001 },
  },
  {
    name: 'refused by the kubelet: labels changed',
    pod: boundPod('Failed', [], { reason: 'NodeAffinity' }),
    want: { reason: 'BackendError', exitCode: 3001 },
  },
  {
    name: 'the node shut down',
    pod: boundPod('Failed', terminated(143), {
      reason: 'Terminated',
      message: 'Pod was terminated in response to imminent node shutdown.',
    }),
    want: { reason: 'BackendError', exitCode: 3001 },
  },
  {
    name: 'the node was lost',
    pod: boundPod('Running', running(), {
      reason: 'NodeLost',
      message: 'Node node-1 which was running pod hello is unresponsive',
    }),
    want: { phase: 'Failed', reason: 'BackendError', exitCode: 3001 },
  },
  {
    name: 'the kubelet lost the container',
    pod: boundPod(
      'Failed',
      terminated(137, 'ContainerStatusUnknown', {
        message: 'The container could not be located when the pod was terminated',
      }),
    ),
    want: { reason: 'BackendError', exitCode: 3001 },
  },
  // Start errors
  {
    name: 'the command does not exist',
    pod: boundPod(
      'Failed',
      terminated(128, 'StartError', {
        startedAt: '1970-01-01T00:00:00Z',
        message: 'exec: "nope": executable file not found in $PATH',
      }),
    ),
    want: {
      phase: 'Failed',
      reason: 'StartError',
      exitCode: 3003,
      times: { scheduling: at(0), initializing: at(1), completion: at(20) },
    },
  },
  {
    name: 'a sidecar could not be started while the user container runs',
    pod: boundPod('Running', [container(running()), container(terminated(128, 'StartError'), 'proxy')]),
    want: { phase: 'Failed', reason: 'StartError', exitCode: 3003 },
  },
  {
    name: "Docker's word for it",
    pod: boundPod('Failed', terminated(127, 'ContainerCannotRun')),
    want: { reason: 'StartError', exitCode: 3003 },
  },
  // Waiting trouble
  {
    name: 'first failed pull',
    pod: boundPod('Pending', waiting('ErrImagePull', 'failed to resolve reference: not found')),
    want: {
      phase: 'Failed',
      reason: 'ImagePull',
      exitCode: 302,
      message:
        'container train: ErrImagePull: docker.io/library/python:3.12-slim: failed to resolve reference: not found',
    },
  },
  {
    name: 'pull backs off',
    pod: boundPod('Pending', waiting('ImagePullBackOff', 'Back-off pulling image')),
    want: { phase: 'Failed', reason: 'ImagePull', exitCode: 301 },
  },
  {
    name: "an init container's image is missing",
    pod: boundPod('Pending', waiting('PodInitializing'), {
      initContainerStatuses: [container(waiting('ErrImagePull'), 'prepare')],
    }),
    want: { phase: 'Failed', reason: 'ImagePull', exitCode: 302 },
  },
  {
    name: 'one container runs, the image of another is missing',
    pod: boundPod('Running', [container(running()), container(waiting('ImagePullBackOff'), 'proxy')]),
    want: { phase: 'Failed', reason: 'ImagePull', exitCode: 301 },
  },
  {
    name: 'image name that is none',
    pod: boundPod('Pending', waiting('InvalidImageName', "couldn't parse image name")),
    want: { phase: 'Failed', reason: 'CreateError', exitCode: 999 },
  },
  {
    name: 'never pull and not there',
    pod: boundPod('Pending', waiting('ErrImageNeverPull')),
    want: { phase: 'Failed', reason: 'CreateError', exitCode: 999 },
  },
  {
    name: 'the runtime refuses the container',
    pod: boundPod('Pending', waiting('CreateContainerError', 'context deadline exceeded')),
    want: { phase: 'Failed', reason: 'CreateError', exitCode: 999 },
  },
  {
    name: "upstream's spelling of a create error",
    pod: boundPod('Pending', waiting('ContainerCreateConfigError')),
    want: { phase: 'Failed', reason: 'CreateError', exitCode: 303 },
  },
  {
    name: 'a restarting container keeps crashing',
    pod: boundPod('Running', [container(running()), container(waiting('CrashLoopBackOff'), 'proxy')]),
    want: { phase: 'Failed', reason: 'Error', exitCode: 304 },
  },
  {
    name: 'two kinds of trouble: the largest code',
    pod: boundPod('Pending', [container(waiting('ErrImagePull')), container(waiting('CreateContainerError'), 'proxy')]),
    want: { exitCode: 999 },
  },
  {
    name: 'a Secret is missing, for ten minutes it may still come',
    pod: boundPod('Pending', waiting('CreateContainerConfigError', 'secret "s" not found')),
    now: 601,
    want: { phase: 'Scheduling', reason: 'CreateContainerConfigError', wakeAt: atDate(602) },
  },
  {
    name: 'a Secret is missing for longer',
    pod: boundPod('Pending', waiting('CreateContainerConfigError', 'secret "s" not found')),
    now: 602,
    want: {
      phase: 'Failed',
      reason: 'BackendError',
      exitCode: 3001,
      message:
        'for more than 600 s: container train: CreateContainerConfigError: docker.io/library/python:3.12-slim: secret "s" not found',
    },
  },
  {
    name: 'container status unknown, the node may come back within half an hour',
    pod: boundPod('Running', waiting('ContainerStatusUnknown'), {
      conditions: [condition('PodScheduled', 'True', 1), notReady],
    }),
    now: 1799,
    want: { phase: 'Scheduling', reason: 'ContainerStatusUnknown', wakeAt: atDate(1800) },
  },
  {
    name: 'container status unknown for longer',
    pod: boundPod('Running', waiting('ContainerStatusUnknown'), {
      conditions: [condition('PodScheduled', 'True', 1), notReady],
    }),
    now: 1800,
    want: { phase: 'Failed', reason: 'BackendError', exitCode: 3001 },
  },
  // Interrupted from outside
  {
    name: 'preempted while running',
    pod: withCondition(
      boundPod('Running', running()),
      condition('DisruptionTarget', 'True', 9, {
        reason: 'PreemptionByScheduler',
        message: 'preempting to accommodate a higher priority pod',
      }),
    ),
    want: { phase: 'Failed', reason: 'Preempted', exitCode: 3006 },
  },
  {
    name: 'preempted, and its container was killed',
    pod: deletedPod(
      withCondition(
        boundPod('Failed', terminated(143)),
        condition('DisruptionTarget', 'True', 9, { reason: 'PreemptionByScheduler' }),
      ),
      9,
    ),
    want: { phase: 'Failed', reason: 'Preempted', exitCode: 3006 },
  },
  {
    name: 'preemption named by another condition type (KAI)',
    pod: withCondition(
      boundPod('Running', running()),
      condition('PodEvicted', 'True', 9, { reason: 'PreemptionByScheduler' }),
    ),
    want: { phase: 'Failed', reason: 'Preempted', exitCode: 3006 },
  },
  {
    name: 'a preemption that was taken back',
    pod: withCondition(
      boundPod('Running', running()),
      condition('DisruptionTarget', 'False', 9, { reason: 'PreemptionByScheduler' }),
    ),
    want: { phase: 'Running' },
  },
  {
    name: 'completed before the preemption',
    pod: withCondition(
      boundPod('Succeeded', terminated(0)),
      condition('DisruptionTarget', 'True', 25, { reason: 'PreemptionByScheduler' }),
    ),
    want: { phase: 'Completed', exitCode: 0 },
  },
  {
    name: 'drained: evicted through the API',
    pod: deletedPod(withCondition(boundPod('Running', running()), disruption('EvictionByEvictionAPI')), 10),
    want: {
      phase: 'Failed',
      reason: 'BackendError',
      exitCode: 3001,
      message: 'disrupted: EvictionByEvictionAPI: node drained',
    },
  },
  {
    name: 'the node is unreachable and its tolerations have run out',
    pod: deletedPod(withCondition(boundPod('Running', running()), disruption('DeletionByTaintManager', 310)), 310),
    now: 311,
    want: {
      phase: 'Failed',
      reason: 'BackendError',
      exitCode: 3001,
      times: { scheduling: at(0), initializing: at(1), start: at(4), completion: at(311) },
    },
  },
  {
    name: 'the node object is gone: the pod garbage collector ends it',
    pod: deletedPod(withCondition(boundPod('Failed', running()), disruption('DeletionByPodGC', 60)), 60, 0),
    want: { phase: 'Failed', reason: 'BackendError', exitCode: 3001 },
  },
  {
    name: 'a disruption that is announced but not carried out',
    pod: withCondition(boundPod('Running', running()), disruption('EvictionByEvictionAPI')),
    want: { phase: 'Running' },
  },
  {
    name: 'deleted by a person while running',
    pod: deletedPod(boundPod('Running', running()), 10),
    want: {
      phase: 'Failed',
      reason: 'BackendError',
      exitCode: 3001,
      message: 'pod hello-train-0 was deleted before its task ended',
    },
  },
  {
    name: 'deleted by a person, and it said 0 to SIGTERM',
    pod: deletedPod(boundPod('Succeeded', terminated(0)), 10),
    want: { phase: 'Failed', reason: 'BackendError', exitCode: 3001 },
  },
  {
    name: 'deleted before it had a node',
    pod: deletedPod(newPod(), 3, 0),
    want: { phase: 'Failed', reason: 'BackendError', exitCode: 3001 },
  },
  {
    name: 'deleted by a person after it had completed',
    pod: deletedPod(boundPod('Succeeded', terminated(0)), 21),
    want: { phase: 'Completed', exitCode: 0 },
  },
  {
    name: 'deleted by a person after it had failed by itself',
    pod: deletedPod(boundPod('Failed', terminated(5)), 20),
    want: { phase: 'Failed', reason: 'Error', exitCode: 5 },
  },
];

describe('classify', () => {
  test.each(rows)('$name', ({ pod, now = 30, want }) => {
    expect(classify(pod, atDate(now))).toEqual({
      ...classify(pod, atDate(now)),
      ...want,
    });
  });

  test('limits are settable', () => {
    const pod = boundPod('Pending', waiting('CreateContainerConfigError'));
    const limits = { createConfigErrorSeconds: 5, statusUnknownSeconds: 5, startTimeoutSeconds: 5 };
    expect(classify(pod, atDate(6), limits)).toMatchObject({ phase: 'Scheduling', wakeAt: atDate(7) });
    expect(classify(pod, atDate(7), limits)).toMatchObject({ phase: 'Failed' });
  });

  test('messages are bounded', () => {
    const pod = boundPod('Failed', terminated(1, 'Error', { message: 'x'.repeat(5000) }));
    expect(classify(pod, atDate(30)).message).toHaveLength(1024);
  });

  test('wakeAt, where there is one, is later than now and changes the verdict', () => {
    for (const { pod, now = 30 } of rows) {
      const verdict = classify(pod, atDate(now));
      if (verdict.wakeAt === undefined) continue;
      expect(verdict.wakeAt.getTime()).toBeGreaterThan(atDate(now).getTime());
      expect(classify(pod, verdict.wakeAt).phase).not.toBe(verdict.phase);
    }
  });

  test('laws: total; a failure has reason, message and code; a finished verdict has an end; one that runs on has none', () => {
    const text = fc.constantFrom(
      'ErrImagePull',
      'ContainerCreating',
      'Evicted',
      'OOMKilled',
      'Error',
      '__proto__',
      'constructor',
      '',
    );
    const state = fc.oneof(
      text.map((reason) => waiting(reason)),
      fc.constant(running()),
      fc.tuple(fc.integer({ min: 0, max: 255 }), text).map(([code, reason]) => terminated(code, reason)),
    );
    const phase = fc.constantFrom('Pending', 'Running', 'Succeeded', 'Failed', 'Unknown' as const);
    const more = fc.record({ reason: text, conditions: fc.constantFrom([], boundConditions()) }, { requiredKeys: [] });
    fc.assert(
      fc.property(
        phase,
        fc.array(state, { maxLength: 3 }),
        more,
        fc.boolean(),
        fc.nat(4000),
        (p, states, extra, gone, now) => {
          const statuses = states.map((s, index) => container(s, index === 0 ? undefined : `side-${index}`));
          const pod = boundPod(p, statuses, extra);
          const verdict = classify(gone ? deletedPod(pod, 12) : pod, atDate(now));
          const over = verdict.phase === 'Completed' || verdict.phase === 'Failed';
          expect(verdict.times.completion !== undefined).toBe(over);
          expect(verdict.exitCode !== undefined).toBe(over);
          if (verdict.phase === 'Failed') {
            expect(verdict.exitCode).toBeGreaterThan(0);
            expect(verdict.reason).toMatch(/^[A-Z][A-Za-z]+$/);
            expect(verdict.message).not.toBe('');
          }
          if (verdict.phase === 'Completed') expect(verdict.exitCode).toBe(0);
        },
      ),
    );
  });
});
