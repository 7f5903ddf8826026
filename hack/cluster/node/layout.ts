import { join, resolve } from 'node:path';

/** Where a cluster keeps what. All below one folder, which `down` removes. */
export interface Layout {
  name: string;
  state: string;
  pki: string;
  config: string;
  logs: string;
  /** Links to kubectl and helm. */
  bin: string;
  kubeconfig: string;
  /** Shell file that exports the cluster's variables. */
  environment: string;
  /** The same for the default cluster, at a fixed place; undefined for others. */
  defaultEnvironment: string | undefined;
  auditLog: string;
  /** Start scripts of the components, one each. */
  commands: string;
  /** Process IDs of the components inside the node, one file each. */
  pids: string;
  /** A file by a component's name holds that component down. */
  paused: string;
  /** Data that survives a restart of the node: etcd, containerd, kubelet. */
  data: string;
  /** The cluster's number on this machine. */
  index: string;
  /** `<pid> <start time>` of the namespaces' first process, as the host sees it. */
  init: string;
}

export const defaultClusterName = 'osmo';

/**
 * Where cluster `name` keeps what, below `<root>/.cluster`.
 *
 * @throws RangeError for a name that is no DNS label of at most 40 characters.
 */
export function layoutOf(root: string, name: string): Layout {
  if (!/^[a-z0-9]([-a-z0-9]{0,38}[a-z0-9])?$/.test(name)) {
    throw new RangeError(
      `CLUSTER_NAME ${JSON.stringify(name)}: allowed are 1 to 40 lower-case letters, digits and "-", starting and ending with a letter or digit`,
    );
  }
  const base = resolve(root, '.cluster');
  const state = join(base, name);
  return {
    name,
    state,
    pki: join(state, 'pki'),
    config: join(state, 'config'),
    logs: join(state, 'logs'),
    bin: join(state, 'bin'),
    kubeconfig: join(state, 'admin.kubeconfig'),
    environment: join(state, 'env'),
    defaultEnvironment: name === defaultClusterName ? join(base, 'env') : undefined,
    auditLog: join(state, 'logs', 'audit.log'),
    commands: join(state, 'commands'),
    pids: join(state, 'pids'),
    paused: join(state, 'paused'),
    data: join(state, 'data'),
    index: join(state, 'index'),
    init: join(state, 'init'),
  };
}
