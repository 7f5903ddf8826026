import type { Container, ResourceRequirements } from '@osmo/kube';
import { nanosOf } from '../quantity/amounts.ts';
import { groupOfTask, groupUuid, hostnameOf, serviceNameOf } from './identity.ts';
import { containerNameOf } from './names.ts';
import type { Task } from './task.ts';
import { UnbuildableError } from './unbuildable.ts';

/** Name of the init container in which a task waits for those that start together with it. */
export const barrierContainerName = 'osmo-barrier';

/** What the tasks that start together must agree on. */
export interface StartTogether {
  /** Grows with every attempt of any task of the group: pods of an older round have a lower one. */
  epoch: number;
  /** How many they are. */
  members: number;
  /** Where they meet: the lead, as its peers find it. */
  leadHost: string;
  /** Image of the task runtime. */
  image: string;
}

/** What is to be agreed on by the tasks of that group, of which so many start. */
export function startTogether(lead: Task, { epoch, members, image }: Omit<StartTogether, 'leadHost'>): StartTogether {
  return { epoch, members, image, leadHost: `${hostnameOf(lead)}.${serviceNameOf(lead)}` };
}

/**
 * The last init container of a pod that is held back until every task of its round is there. It runs as nobody, can't write
 * and asks for nothing that its task doesn't ask for, so that the pod needs no more than without it.
 *
 * @throws UnbuildableError when the task's own container has its name
 */
export function barrierContainer(task: Task, start: StartTogether): Container {
  if (containerNameOf(task.spec.taskName) === barrierContainerName) {
    throw new UnbuildableError(
      `spec.taskName ${JSON.stringify(task.spec.taskName)}: the start barrier has this name, choose another`,
    );
  }
  return {
    name: barrierContainerName,
    image: start.image,
    args: [
      'barrier',
      `--group=${groupUuid(groupOfTask(task))}`,
      `--epoch=${start.epoch}`,
      `--name=${hostnameOf(task)}`,
      `--size=${start.members}`,
      `--lead-host=${start.leadHost}`,
      ...(task.spec.lead ? ['--lead'] : []),
    ],
    resources: resources(task, start),
    securityContext: {
      runAsNonRoot: true,
      runAsUser: 65_532,
      runAsGroup: 65_532,
      privileged: false,
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
      seccompProfile: { type: 'RuntimeDefault' },
    },
    terminationMessagePolicy: 'FallbackToLogsOnError',
  };
}

const mebibyte = 1024 * 1024;
/** What Node takes, measured, twice. */
const ownMemory = 96 * mebibyte;
/** What a connection takes, measured, twice. */
const memoryOfPeer = 16 * 1024;
const ownCpu = '500m';

/**
 * As limits what the barrier needs, as requests no more than the task itself: a pod's request is the larger of its init
 * containers' and its containers'. Where the task sets no amount, neither does the barrier.
 */
function resources({ spec: { resources: wanted, lead } }: Task, { members }: StartTogether): ResourceRequirements {
  const memory = ownMemory + (lead ? members * memoryOfPeer : 0);
  const limits = {
    ...(wanted.cpu === undefined ? {} : { cpu: ownCpu }),
    ...(wanted.memory === undefined ? {} : { memory: String(Math.ceil(memory)) }),
  };
  const requests = {
    ...(wanted.cpu === undefined ? {} : { cpu: smaller(String(wanted.cpu), ownCpu) }),
    ...(wanted.memory === undefined ? {} : { memory: smaller(String(wanted.memory), String(memory)) }),
  };
  return { limits, requests };
}

function smaller(wanted: string, own: string): string {
  return (nanosOf(wanted) ?? 0n) < (nanosOf(own) ?? 0n) ? wanted : own;
}
