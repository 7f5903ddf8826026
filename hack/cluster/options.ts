import { defaultClusterName } from './node/layout.ts';

/** Where the cluster is: on this host without Docker, in Docker by kind, or wherever the current kubeconfig leads. */
export type ClusterKind = 'local' | 'kind' | 'current';

export interface ClusterOptions {
  kind?: ClusterKind;
  /** Default: `CLUSTER_NAME`, else `osmo`. */
  name?: string;
  /** Folder that holds `.cluster`; default: the checkout this file is in. */
  root?: string;
  /** Progress lines; default: standard output. */
  say?: (line: string) => void;
}

/** Reads `CLUSTER` and `CLUSTER_NAME`.
 *
 * @throws RangeError for an unknown kind.
 */
export function optionsFromEnvironment(environment: NodeJS.ProcessEnv): { kind?: ClusterKind; name: string } {
  const kind = environment['CLUSTER'] || undefined;
  if (kind !== undefined && kind !== 'local' && kind !== 'kind' && kind !== 'current') {
    throw new RangeError(`CLUSTER=${JSON.stringify(kind)}: allowed are local, kind, current`);
  }
  return { ...(kind !== undefined && { kind }), name: environment['CLUSTER_NAME'] || defaultClusterName };
}
