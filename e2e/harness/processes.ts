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

/** The processes of a pod's containers, without the pause process that holds the pod's namespaces. */
export function processesOfPod(uid: string): Process[] {
  // The systemd driver writes the UID with underscores.
  const marks = [`pod${uid}`, `pod${uid.replaceAll('-', '_')}`];
  return processes().filter(
    ({ cgroup, command }) => marks.some((mark) => cgroup.includes(mark)) && !/pause$/.test(command[0] ?? 'pause'),
  );
}

/** The namespace of that kind in which a process is, such as `pid:[4026531836]`; undefined when it has ended. */
export function namespaceOf(pid: number, kind: 'pid' | 'net' | 'mnt'): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/ns/${kind}`);
  } catch {
    return undefined;
  }
}
