import { readFileSync } from 'node:fs';

/** What a process of this machine has used so far. */
export interface Usage {
  /** User and system time. */
  cpuSeconds: number;
  /** Memory that it has resident now. */
  rssBytes: number;
  /** The most memory that it ever had resident. */
  peakRssBytes: number;
}

/** Kernel clock ticks per second: a constant of Linux' interface to programs. */
const ticksPerSecond = 100;

/** Reads it from /proc (Linux). @throws Error when there is no such process. */
export function usageOf(pid: number): Usage {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return {
    cpuSeconds: cpuSecondsOf(readFileSync(`/proc/${pid}/stat`, 'utf8')),
    rssBytes: rssOf(status),
    peakRssBytes: peakRssOf(status),
  };
}

/** CPU time from the text of `/proc/PID/stat`. The second field is a name in brackets that may hold anything. */
export function cpuSecondsOf(stat: string): number {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
}

/** Resident memory in bytes from the text of `/proc/PID/status`. */
export function rssOf(status: string): number {
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024;
}

/** Peak resident memory in bytes from the text of `/proc/PID/status`. */
export function peakRssOf(status: string): number {
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024;
}
