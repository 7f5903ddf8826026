/** Every address of one local cluster. Clusters with different numbers never share one. */
export interface AddressPlan {
  /** The cluster's number on this machine, 0–63. */
  index: number;
  /** Names of the veth pair: the host's end, and the node's. Also the name of the cgroup subtree (`osmo-<index>`). */
  hostInterface: string;
  nodeInterface: string;
  /** How pods and the node reach this host. */
  hostAddress: string;
  nodeAddress: string;
  linkPrefix: number;
  podCidr: string;
  serviceCidr: string;
  /** ClusterIP of the apiserver and of the DNS server. */
  apiserverService: string;
  dnsService: string;
}

/** How many clusters fit on one machine. */
export const maximumClusters = 64;

/**
 * The addresses of cluster number `index`: a /24 link in 10.201.0.0/16, and a /18 each of 10.240.0.0/12 for pods and of
 * 10.112.0.0/12 for Services (16,382 addresses each).
 *
 * @throws RangeError unless 0 ≤ index < 64.
 */
export function addressPlan(index: number): AddressPlan {
  if (!Number.isInteger(index) || index < 0 || index >= maximumClusters) {
    throw new RangeError(`cluster index ${index}: allowed are integers from 0 to ${maximumClusters - 1}`);
  }
  const eighteen = (secondOctet: number): string => `10.${secondOctet + (index >> 2)}.${(index & 3) * 64}`;
  return {
    index,
    hostInterface: `osmo-${index}`,
    nodeInterface: 'node0',
    hostAddress: `10.201.${index}.1`,
    nodeAddress: `10.201.${index}.2`,
    linkPrefix: 24,
    podCidr: `${eighteen(240)}.0/18`,
    serviceCidr: `${eighteen(112)}.0/18`,
    apiserverService: `${eighteen(112)}.1`,
    dnsService: `${eighteen(112)}.10`,
  };
}

/** One entry of the machine's register: which state folder holds which number. */
export interface Registration {
  index: number;
  stateDirectory: string;
}

/**
 * The number for the cluster in `stateDirectory`: its own when it has one, else the lowest that is neither registered nor
 * in `taken` (numbers whose interface or address the host already has).
 *
 * @throws Error when all are taken.
 */
export function chooseIndex(
  register: readonly Registration[],
  stateDirectory: string,
  taken: ReadonlySet<number>,
): number {
  const own = register.find((entry) => entry.stateDirectory === stateDirectory);
  if (own) return own.index;
  const used = new Set([...register.map((entry) => entry.index), ...taken]);
  for (let index = 0; index < maximumClusters; index++) if (!used.has(index)) return index;
  throw new Error(`all ${maximumClusters} cluster numbers of this machine are in use; run "down" on one of them`);
}
