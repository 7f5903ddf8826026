/** The cluster that the tests of a run use; made by the global set-up, handed to the tests in the environment. */
export interface Site {
  kubeconfig: string;
  /** The apiserver's audit log. */
  auditLog: string;
  /** Process, as this machine sees it, whose PID namespace holds the node's own processes. */
  initPid: number;
  /** Name of the cluster that the set-up started; absent when it was there already. */
  clusterName?: string;
}

/** Environment variable with the site as JSON. Set it to use a cluster that is there already. */
export const siteVariable = 'OSMO_E2E_SITE';

/** Environment variable with the process that notes what the suites leave no trace of. */
export const recorderVariable = 'OSMO_E2E_RECORDER';

/**
 * The cluster of this run.
 *
 * @throws Error when the tests run without their global set-up.
 */
export function siteOf(environment: NodeJS.ProcessEnv): Site {
  const text = environment[siteVariable];
  if (text === undefined) throw new Error(`${siteVariable} is not set: run the tests by make test-e2e`);
  return JSON.parse(text) as Site;
}
