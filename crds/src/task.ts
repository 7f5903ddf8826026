import type * as z from 'zod';
import type { KindDefinition } from './definition.ts';
import type { OsmoObject } from './object.ts';
import { TaskType } from './resource-types.ts';
import {
  cancellation,
  exitActions,
  labels,
  nodeSelector,
  podTemplate,
  priority,
  reason,
  resourceAmounts,
  retryPolicy,
  statusHead,
  statusMessage,
  tolerations,
  variable,
} from './schema/common.ts';
import { flag, integer, keyedList, list, object, oneOf, text, time } from './schema/fields.ts';
import { dnsLabel, objectName, osmoName, uid } from './schema/names.ts';
import { taskData, taskResult } from './task-data.ts';
import { taskBody } from './task-template.ts';
import { timeouts } from './workflow.ts';
import { schedulerTypes } from './scheduler.ts';

const spec = object(
  'spec is one task with all that its backend needs to run it. It is immutable but for run, hold, cancel, pinnedImage, and data, which only changes together with run.',
  {
    workflow: object('workflow that the task belongs to.', {
      name: dnsLabel('name of the Workflow.'),
      uid: uid('uid of the Workflow.'),
    }),
    taskName: osmoName('taskName as the workflow has it.'),
    lead: flag('lead says that this task decides about its group.'),
    group: object('group that the task starts with.', {
      name: text('name of the group.', { min: 1, max: 128 }),
      size: integer('size is the number of tasks in the group; none of them starts before all are here.', {
        min: 1,
        max: 1024,
      }),
      barrier: flag('barrier holds every command back until all tasks of the group are ready.'),
      ignoreNonleadStatus: flag('ignoreNonleadStatus lets the group go on when a task that is not its lead fails.'),
    }),
    fanOut: object('fanOut says which instance of an entry with count or matrix the task is.', {
      name: text('name of the entry.', { min: 1, max: 128 }),
      index: integer('index of the instance, from 0.', { min: 0, max: 1_048_576 }),
    }).optional(),
    run: integer(
      'run counts the restarts that include the task; the task runs again, as further attempts, when it is higher than that of status.',
      { min: 0, max: 2 ** 31 - 1 },
    ).optional(),
    hold: flag(
      'hold keeps the task from starting, and takes it back as long as no command of its group has started.',
    ).optional(),
    cancel: cancellation('cancel ends the task.').optional(),
    pinnedImage: text('pinnedImage is run instead of image: the same with the digest that ran before.', {
      max: 1024,
    }).optional(),
    backend: dnsLabel('backend that runs the task.'),
    pool: dnsLabel('pool that the task runs in.'),
    platform: objectName('platform that the task runs on.').optional(),
    priority: priority('priority in the queue of the pool.'),
    submittedBy: text('submittedBy is who submitted the workflow.', { max: 256 }).optional(),
    labels: labels('labels of the pod that the workflow asks for.', { max: 16, min: 1 }).optional(),
    scheduling: object('scheduling says how the pod finds a node.', {
      type: oneOf('type of the scheduler.', schedulerTypes),
      schedulerName: objectName("schedulerName of the pod; the type's usual one when it is not set.").optional(),
      queue: text('queue of the scheduler.', { min: 1, max: 253 }).optional(),
      nodeSelector: nodeSelector('nodeSelector of the pod, from the platform.').optional(),
      tolerations: tolerations('tolerations of the pod, from the platform.').optional(),
      priorityClassName: objectName('priorityClassName of the pod.').optional(),
      nodesExcluded: list('nodesExcluded are names of nodes to keep away from.', objectName('Name of a node.'), {
        max: 256,
      }).optional(),
      topology: list(
        'topology says which tasks must be close to each other.',
        object('One requirement, with the node label that it means.', {
          key: text('key of the requirement.', { min: 1, max: 63 }),
          label: text('label of the nodes that stands for the key.', { min: 1, max: 317 }),
          group: osmoName('group of tasks that must share the place.'),
          requirement: oneOf('requirement says how strict it is.', ['Required', 'Preferred']),
        }),
        { max: 8 },
      ).optional(),
    }),
    resources: resourceAmounts("resources that the task gets: the workflow's, else the platform's, else the pool's."),
    hostname: dnsLabel('hostname of the pod, by which its peers find it.').optional(),
    subdomain: dnsLabel(
      "subdomain of the pod: the name of the group's headless Service. A peer's address is <hostname>.<subdomain>.<namespace>.svc.cluster.local.",
    ).optional(),
    timeouts: timeouts('timeouts of the group.').optional(),
    variables: keyedList('variables for the pod template, from the platform.', 'name', variable, {
      max: 64,
    }).optional(),
    podTemplate: podTemplate(
      "podTemplate is merged over the generated pod: the pool's, then the platform's.",
    ).optional(),
    data: taskData.optional(),
    ...taskBody,
    exitActions: exitActions(
      "exitActions by exit code; the first that matches wins: the task's, then the pool's, then one that fails what only a Reschedule may retry.",
      33,
    ).optional(),
    retryPolicy: retryPolicy(
      "retryPolicy is complete: the task's, else the pool's, else the defaults. Without maxRetries nothing that the command did is retried.",
    ).optional(),
  },
);

const port = { min: 0, max: 2 ** 31 - 1 };

const status = object('status is what has become of it.', {
  ...statusHead('Succeeded'),
  phase: oneOf('phase in one word, for people.', [
    'Pending',
    'Scheduling',
    'Initializing',
    'Running',
    'Completed',
    'Failed',
  ]).default('Pending'),
  reason: reason('reason of the phase in one word; docs/reference/constants.md lists them.').optional(),
  message: statusMessage('message says the same for people.').optional(),
  exitCode: integer('exitCode of the command, or from 256 on a code for what the cluster did.', port).optional(),
  attempt: integer('attempt that this status is about, from 0.', port).default(0),
  run: integer('run that this status is about.', port).optional(),
  round: integer(
    'round of the group in this run that the attempt belongs to, from 0: attempts of one round start together.',
    port,
  ).optional(),
  retries: object('retries says how often the task was tried again in this run.', {
    user: integer('user is how often for what its command did.', port).default(0),
    infrastructure: integer('infrastructure is how often for what the cluster did.', port).default(0),
    peer: integer(
      'peer is how often since a peer of the group was tried again, or since the group was held.',
      port,
    ).default(0),
  }).optional(),
  retryTime: time('retryTime is when the next attempt starts.').optional(),
  groupStartTime: time(
    'groupStartTime is when the first command of the group started in this run: execSeconds count from here.',
  ).optional(),
  attempts: list(
    'attempts are those that ended before this one, at most the last 16.',
    object('One attempt.', {
      attempt: integer('attempt from 0.', port),
      run: integer('run that it was a part of.', port).optional(),
      round: integer('round of the group that it belonged to.', port).optional(),
      cause: oneOf('cause of the next attempt.', ['User', 'Infrastructure', 'Peer', 'Held', 'Restart']),
      phase: oneOf('phase that it came to.', ['Completed', 'Failed']),
      reason: reason('reason of the phase.').optional(),
      exitCode: integer('exitCode of the command, or from 256 on a code for what the cluster did.', port).optional(),
      message: text('message, cut to 256 characters.', { max: 256 }).optional(),
      podName: objectName('podName of the attempt.').optional(),
      nodeName: objectName('nodeName of the node that ran it.').optional(),
      imageID: text('imageID that ran, with its digest.', { max: 1024 }).optional(),
      startTime: time('startTime is when the command started.').optional(),
      completionTime: time('completionTime is when the attempt ended.').optional(),
    }),
    { max: 16 },
  ).optional(),
  podName: objectName('podName of the attempt.').optional(),
  podUID: uid('podUID of the attempt.').optional(),
  podNamespace: dnsLabel('podNamespace on the backend.').optional(),
  nodeName: objectName('nodeName of the node that ran it.').optional(),
  podIP: text('podIP of the attempt.', { max: 64 }).optional(),
  imageID: text('imageID that ran, with its digest.', { max: 1024 }).optional(),
  schedulingTime: time('schedulingTime is when the pod was created.').optional(),
  initializingTime: time('initializingTime is when the pod got a node.').optional(),
  startTime: time('startTime is when the command started.').optional(),
  completionTime: time('completionTime is when the task ended.').optional(),
  data: taskResult.optional(),
});

export type TaskSpec = z.output<typeof spec>;
export type TaskSpecInput = z.input<typeof spec>;
export type TaskStatus = z.output<typeof status>;
export type TaskAttempt = NonNullable<TaskStatus['attempts']>[number];
export type TaskPhase = TaskStatus['phase'];
export type TaskScheduling = TaskSpec['scheduling'];
export type ResourceAmounts = TaskSpec['resources'];
export type PodTemplate = NonNullable<TaskSpec['podTemplate']>;
export type { TaskData, TaskDataInput, TaskDataOutput, TaskResult, TaskResultOutput } from './task-data.ts';
export type Task = OsmoObject<'Task', TaskSpec, TaskStatus>;

export const taskDefinition: KindDefinition = {
  type: TaskType,
  singular: 'task',
  shortNames: [],
  description:
    'Task is one task of a Workflow, resolved so that a backend can run it. Controllers create it, a backend-operator runs it.',
  name: text("name of the task: the workflow's, a dot and the task's in lower case.", {
    min: 1,
    max: 128,
    pattern: /^[a-z0-9]([-a-z0-9]*[a-z0-9])?\.[a-z0-9]([-a-z0-9]*[a-z0-9])?$/,
    what: "the workflow's name, a dot and the task's name in lower case",
  }),
  mutable: ['run', 'hold', 'cancel', 'pinnedImage', 'data'],
  spec,
  status,
  columns: [
    { name: 'Workflow', type: 'string', jsonPath: '.spec.workflow.name', description: 'Workflow that it belongs to.' },
    { name: 'Phase', type: 'string', jsonPath: '.status.phase', description: 'Phase of the task.' },
    { name: 'Reason', type: 'string', jsonPath: '.status.reason', description: 'Reason of the phase.' },
    { name: 'Exit', type: 'integer', jsonPath: '.status.exitCode', description: 'Exit code.' },
    { name: 'Attempt', type: 'integer', jsonPath: '.status.attempt', description: 'Attempt, from 0.' },
    { name: 'Node', type: 'string', jsonPath: '.status.nodeName', description: 'Node that ran it.' },
    { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp', description: 'Since when it exists.' },
    {
      name: 'Group',
      type: 'string',
      jsonPath: '.spec.group.name',
      description: 'Group that it starts with.',
      priority: 1,
    },
    { name: 'Pool', type: 'string', jsonPath: '.spec.pool', description: 'Pool that it runs in.', priority: 1 },
    { name: 'Backend', type: 'string', jsonPath: '.spec.backend', description: 'Backend that runs it.', priority: 1 },
    { name: 'Pod', type: 'string', jsonPath: '.status.podName', description: 'Pod of the attempt.', priority: 1 },
    { name: 'Started', type: 'date', jsonPath: '.status.startTime', description: 'Since when it runs.', priority: 1 },
    { name: 'Message', type: 'string', jsonPath: '.status.message', description: 'Reason in full.', priority: 1 },
  ],
};
