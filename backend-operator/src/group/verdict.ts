import type { PodTimes } from './pod-facts.ts';

export type VerdictPhase = 'Scheduling' | 'Initializing' | 'Running' | 'Completed' | 'Failed';

/** What one pod says about its task. */
export interface Verdict {
  phase: VerdictPhase;
  reason?: string;
  /** For a person; at most `messageLimit` characters. */
  message?: string;
  exitCode?: number;
  times: PodTimes;
  /** When the same pod, unchanged, will deserve another verdict. */
  wakeAt?: Date;
}

/** Waiting times after which trouble that Kubernetes would retry for ever ends the task, in seconds. */
export interface Limits {
  /** A container can't be configured, e.g. a Secret that it needs is missing. */
  createConfigErrorSeconds: number;
  /** The kubelet can't tell what became of a container. */
  statusUnknownSeconds: number;
  /** On a node, but its volumes or network don't come up. */
  startTimeoutSeconds: number;
  /** On a node, but the command doesn't run, whatever it waits for; no limit when it is not set. */
  startSeconds?: number;
  /** From when that counts; from when the pod got its node when it is not set. */
  startFrom?: string;
}

export const defaultLimits: Limits = {
  createConfigErrorSeconds: 600,
  statusUnknownSeconds: 1800,
  startTimeoutSeconds: 1800,
};

export const messageLimit = 1024;

/** Cuts a message to `messageLimit` characters, with an ellipsis where it was cut. */
export function shorten(message: string): string {
  return message.length <= messageLimit ? message : `${message.slice(0, messageLimit - 1)}…`;
}

/** Joins the parts that are there. */
export function sentence(...parts: (string | undefined)[]): string {
  return shorten(parts.filter((part) => part !== undefined && part !== '').join(': '));
}
