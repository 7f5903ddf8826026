/**
 * Exit codes that a Task reports when its end was not the user's own code (0–255). The numbers are upstream's, so that
 * exit actions written for it keep their meaning.
 */
export const exitCode = {
  /** Added to the code of an init container, which keeps it apart from the user's. */
  initOffset: 255,
  imagePullBackOff: 301,
  errImagePull: 302,
  createContainerConfig: 303,
  crashLoopBackOff: 304,
  otherWaitingError: 999,
  /** Added to the code of a container named `preflight-test`. */
  preflightOffset: 1000,
  /** Added to the code of a container named `osmo-ctrl`. */
  ctrlOffset: 2000,
  backendError: 3001,
  startError: 3003,
  evicted: 3004,
  startTimeout: 3005,
  preempted: 3006,
  unknown: 4000,
} as const;
