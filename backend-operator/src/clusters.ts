/** Names of the two clusters that the operator works with; they may be one and the same. */
export const Clusters = {
  /** Where Tasks and the Backend are. */
  hub: 'hub',
  /** Where pods run. */
  cluster: 'cluster',
} as const;
