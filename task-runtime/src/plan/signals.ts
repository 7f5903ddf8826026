/**
 * Port on which the runtime of a pod is told that the pod is being deleted: the kubelet calls it before it stops the
 * command, and never when the command ends by itself. Below every system's ephemeral ports.
 */
export const endingPort = 24_026;

/** Path of that call. */
export const endingPath = '/ending';

/** How runtime containers end: 2000 less than the codes that upstream's users know. */
export const RuntimeExit = {
  /** Inputs can't be downloaded. */
  download: 10,
  /** Outputs can't be uploaded. */
  upload: 12,
  /** Whether credentials allow a transfer can't be found out: the place isn't there, or the credential is unusable. */
  check: 13,
  /** The credentials don't allow it. */
  unauthorized: 14,
  /** The plan can't be used. */
  argument: 30,
  /** The file system refuses: a full disk, a name that it can't hold. */
  fileOperation: 32,
  /** A result can't be told. */
  other: 40,
} as const;
