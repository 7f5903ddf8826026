import { Api, EventReasons, TaskType } from '@osmo/crds';
import type { EventIntent, Pod } from '@osmo/kube';
import { Clusters } from '../clusters.ts';
import { attemptOfPod, taskOfObject } from './identity.ts';

/** What a person should hear of a log that isn't whole: an Event on the Task, which may be gone by then. */
export function logEvents(pod: Pod, why: string): (EventIntent & Required<Pick<EventIntent, 'regarding'>>)[] {
  const task = taskOfObject(pod);
  if (task === undefined) return [];
  const { namespace, name, uid } = task;
  return [
    {
      on: Clusters.hub,
      type: 'Warning',
      reason: EventReasons.logsIncomplete,
      action: 'StoreLogs',
      note: `the log of attempt ${attemptOfPod(pod)} (pod ${pod.metadata.name}) is not whole: ${why}`,
      regarding: { apiVersion: Api.apiVersion, kind: TaskType.kind, namespace, name, uid },
    },
  ];
}
