import type { Pod } from '@osmo/kube';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** A process of this machine as /proc shows it. */
export interface Process {
  pid: number;
  command: readonly string[];
  /** Its cgroup paths, one a line. */
  cgroup: string;
}

/** All processes; those that end meanwhile are left out. */
export function processes(): Process[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => describeProcess(Number(name)))
    .filter((process) => process !== undefined);
}

function describeProcess(pid: number): Process | undefined {
  try {
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8')
      .split('\0')
      .filter((part) => part !== '');
    return { pid, command, cgroup: readFileSync(`/proc/${pid}/cgroup`, 'utf8') };
  } catch {
    return undefined;
  }
}

/** The processes of a pod's containers that run now: every container's cgroup is named after its ID. */
export function processesOfPod(pod: Pod): Process[] {
  const ids = (pod.status?.containerStatuses ?? [])
    .map((status) => (status.containerID ?? '').replace(/^.*:\/\//, ''))
    .filter((id) => id !== '');
  return processes().filter(({ cgroup }) => ids.some((id) => cgroup.includes(id)));
}

/** The processes of one container of a pod, of whichever kind it is. */
export function processesOfContainer({ status }: Pod, name: string): Process[] {
  const all = [...(status?.containerStatuses ?? []), ...(status?.initContainerStatuses ?? [])];
  const id = (all.find((each) => each.name === name)?.containerID ?? '').replace(/^.*:\/\//, '');
  return id === '' ? [] : processes().filter(({ cgroup }) => cgroup.includes(id));
}

/** The namespace of that kind in which a process is, such as `pid:[4026531836]`; undefined when it has ended. */
export function namespaceOf(pid: number, kind: 'pid' | 'net' | 'mnt'): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/ns/${kind}`);
  } catch {
    return undefined;
  }
}
