import type { S3Site } from './node/s3.ts';
import type { ClusterKind } from './options.ts';

/** A cluster that answers. */
export interface ClusterHandle {
  kind: ClusterKind;
  name: string;
  /** Path; the only credentials that are needed. */
  kubeconfig: string;
  /** Paths of programs of the right version. */
  kubectl: string;
  helm: string;
  /** Folder for everything about this cluster, `.cluster/<name>`; files in its `env.d` are sourced by `env`. */
  stateDirectory: string;
  /** Shell file that exports KUBECONFIG and PATH. */
  environmentFile: string;
  /** Address under which pods reach programs on this host; undefined where that isn't known. */
  hostAddress: string | undefined;
  /** Path of the apiserver's audit log; undefined where it can't be read. */
  auditLog: string | undefined;
  /** S3 server beside it; undefined where there is none. */
  s3: S3Site | undefined;
}
