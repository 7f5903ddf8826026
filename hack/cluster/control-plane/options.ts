import type { EtcdUse } from './etcd.ts';

/** How a control plane is put together. */
export interface ControlPlaneOptions {
  /** Runs kube-controller-manager; default true. Without it, pods need no service account. */
  controllerManager?: boolean;
  /** Runs kube-scheduler; default false. */
  scheduler?: boolean;
  /** Runs kwok with that many simulated nodes (see `KwokOptions`); turns the scheduler on. */
  kwok?: KwokOptions;
  /** Writes an audit log at level Metadata to `auditLog`; default false. */
  audit?: boolean;
  /** Folder for etcd's data, kept by `stop()`; default: inside `directory`. */
  etcdDir?: string;
  /** Folder for everything else; default: a fresh temporary one, removed by `stop()`. */
  directory?: string;
  /** etcd without fsync: default true. Say false when the machine, not the process, may die. */
  unsafeNoFsync?: boolean;
  /** More arguments, by component; a repeated flag overrides. */
  extraArgs?: {
    etcd?: string[];
    apiserver?: string[];
    controllerManager?: string[];
    scheduler?: string[];
    kwok?: string[];
  };
  /** Progress lines, when programs must be fetched or built; default: stderr. */
  say?: (line: string) => void;
}

/** Simulated nodes and pods. */
export interface KwokOptions {
  nodes: number;
  /** How long a pod stays Running before it succeeds, in milliseconds; default 0. The annotation
   * `kwok.osmo.dev/run-ms` of a pod overrides it; `kwok.osmo.dev/exit-code` makes it end with that code. */
  runMs?: number;
  /** How long a bound pod stays Pending, in milliseconds; default 0. */
  startMs?: number;
  /** What a node has; default 64 CPUs, 256Gi, 8 GPUs, 1000 pods. */
  capacity?: Record<string, string>;
  /** Labels of every node, beside the host name. */
  labels?: Record<string, string>;
}

/** A running control plane. It dies with the process that started it. */
export interface ControlPlane {
  /** `https://127.0.0.1:PORT`; the same after every restart. */
  readonly url: string;
  /** Of a member of system:masters, mode 0600. */
  readonly kubeconfigPath: string;
  /** PEM text: the authority, and the certificate and key of that member. */
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
  readonly directory: string;
  /** Path of the audit log; undefined without `audit`. */
  readonly auditLog: string | undefined;
  /** Process IDs by component, for measuring memory. */
  pids(): Record<string, number>;
  /** Ends the apiserver (default SIGTERM, then after 2 s SIGKILL; SIGKILL for a crash), starts it again, resolves when it is ready. */
  restartApiserver(signal?: NodeJS.Signals): Promise<void>;
  /** Kills etcd, starts it on the same data, resolves when the apiserver is ready again. */
  killEtcd(): Promise<void>;
  /** Kills one component and leaves it down until `startComponent`. */
  stopComponent(name: string, signal?: NodeJS.Signals): Promise<void>;
  /** Starts a component that is down; resolves when it (and the apiserver) answers. */
  startComponent(name: string): Promise<void>;
  /** Compacts etcd at its current revision, so that older resourceVersions are gone (410). Returns the revision. */
  compact(): Promise<number>;
  /** What etcd holds when everything past is forgotten: compacts and defragments it. */
  use(): Promise<EtcdUse>;
  /** Ends everything and removes what was temporary. Idempotent. */
  stop(): Promise<void>;
}
