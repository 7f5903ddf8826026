/** One RBAC rule with the reason for which a program needs it. */
export interface Permission {
  apiGroups: readonly string[];
  resources: readonly string[];
  verbs: readonly string[];
  /** Only these objects; in a chart their names may begin with that of the release. */
  resourceNames?: readonly string[];
  /** Only in the namespace of the program itself, as its `--namespace` has it. */
  namespaced?: boolean;
  why: string;
}
