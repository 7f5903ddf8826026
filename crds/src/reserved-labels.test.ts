import { expect, test } from '@jest/globals';
import { Labels, SchedulerLabels, UpstreamPodLabels } from './constants.ts';
import { isReservedLabel } from './reserved-labels.ts';

test.each([...Object.values(Labels), ...Object.values(SchedulerLabels), ...Object.values(UpstreamPodLabels)])(
  '%s is not for those who submit',
  (key) => expect(isReservedLabel(key)).toBe(true),
);

test.each([
  'kai.scheduler/node-pool',
  'kai.scheduler/preemptibility',
  'scheduling.volcano.sh/queue-name',
  'priorityClassName',
])('%s is the pool’s', (key) => expect(isReservedLabel(key)).toBe(true));

test.each(['team', 'osmo', 'osmo.team', 'example.com/osmo.dev', 'notosmo.dev/x', 'app.kubernetes.io/name', 'project'])(
  '%s is free',
  (key) => expect(isReservedLabel(key)).toBe(false),
);
