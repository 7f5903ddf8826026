/*
 * Every name that the product writes where others can read it. `docs/reference/constants.md` is generated from this
 * file: each exported table and each of its entries carries a doc comment, and the generator refuses one without.
 */

/** API group and version of every kind of the product, and what else identifies it to a Kubernetes cluster. */
export const Api = {
  /** API group of every kind. */
  group: 'osmo.dev',
  /** Version that is stored and served. */
  version: 'v1alpha1',
  /** `apiVersion` of every object of the group. */
  apiVersion: 'osmo.dev/v1alpha1',
  /** Category that lists every kind at once: `kubectl get osmo`. */
  category: 'osmo',
} as const;

/** Labels that the product puts on its own objects (Tasks, pods, Leases, Secrets). */
export const Labels = {
  /** On Tasks and their pods: name of the Backend that runs the task. A backend-operator watches by this label. */
  backend: 'osmo.dev/backend',
  /** On Tasks and their pods: UID of the Workflow; finds all that belongs to a run, also after a name was used again. */
  workflowUid: 'osmo.dev/workflow-uid',
  /** On Tasks and their pods: name of the Workflow. */
  workflow: 'osmo.dev/workflow',
  /** On Tasks and their pods: name of the group, cut to 63 characters. */
  group: 'osmo.dev/group',
  /** On Tasks and their pods: name of the Pool. */
  pool: 'osmo.dev/pool',
  /** On pods: UID of the Task that the pod runs. A pod whose Task is gone is removed. */
  taskUid: 'osmo.dev/task-uid',
  /** On pods: name of the Task object that the pod runs. */
  task: 'osmo.dev/task',
  /** On pods: attempt of the task that the pod is, from 0. */
  attempt: 'osmo.dev/attempt',
  /** On AppVersions: name of the App. On Workflows: name of the App that they were made of. */
  app: 'osmo.dev/app',
  /** On Workflows: number of the version of the App. */
  appVersion: 'osmo.dev/app-version',
  /** On Workflows: namespace of the App, where it is another one than the Workflow's. */
  appNamespace: 'osmo.dev/app-namespace',
  /** On DatasetVersions and Datasets: name of the Bucket. */
  bucket: 'osmo.dev/bucket',
  /** On DatasetVersions: name of the dataset in lower case, with `-` for `_`. */
  dataset: 'osmo.dev/dataset',
  /** On DatasetVersions: what they were made for, so that it happens once: UID of the Task, run, attempt and output, with dots between them. */
  origin: 'osmo.dev/origin',
  /** On Credentials and Secrets: what kind of credential it is: one of `CredentialTypes`. */
  credentialType: 'osmo.dev/credential-type',
  /** On Credentials and their Secrets: `shared`, or 16 hex digits of the SHA-256 of the name of the user whose it is. */
  credentialOwner: 'osmo.dev/credential-owner',
  /** On Namespaces: name of the Pool of workflows that name none. */
  defaultPool: 'osmo.dev/default-pool',
  /** On AccessTokens: the first 63 digits of their hash, by which the gateway finds one that is new. */
  tokenHash: 'osmo.dev/token-hash',
  /** On AccessTokens: name of the User object whose they are. */
  user: 'osmo.dev/user',
  /** On ClusterRoles: `true` on those that are roles of the gateway, as upstream's client knows them. */
  role: 'osmo.dev/role',
  /** On ClusterRoleBindings that were made at `/api/auth/user/{id}/roles`: name of the User object. */
  userRole: 'osmo.dev/user-role',
} as const;

/** Labels of task pods under the names that upstream's users select by. Values are cut to 63 characters. */
export const UpstreamPodLabels = {
  /** Name of the workflow. */
  workflowId: 'osmo.workflow_id',
  /** UID of the workflow. */
  workflowUuid: 'osmo.workflow_uuid',
  /** Name of the group. */
  groupName: 'osmo.group_name',
  /** Identifier of the group within all workflows. */
  groupUuid: 'osmo.group_uuid',
  /** Name of the task. */
  taskName: 'osmo.task_name',
  /** UID of the task. */
  taskUuid: 'osmo.task_uuid',
  /** Attempt of the task, from 0. */
  retryId: 'osmo.retry_id',
  /** `true` on the pod of the group's lead task, else `false`. */
  leadContainer: 'osmo.lead_container',
  /** Name of the pool. */
  pool: 'osmo.pool',
  /** Name of the platform. */
  platform: 'osmo.platform',
  /** Priority in lower case: `high`, `normal`, `low`. */
  priority: 'osmo.priority',
  /** Who submitted the workflow; the user part of a mail address; absent when no label can hold it. */
  submittedBy: 'osmo.submitted_by',
  /** On queues and topologies of a scheduler: namespace that task pods run in. */
  namespace: 'osmo.namespace',
} as const;

/** Labels by which gang schedulers find the queue and the sub-group of a pod. */
export const SchedulerLabels = {
  /** KAI: queue of the pod. */
  kaiQueue: 'kai.scheduler/queue',
  /** Run:AI, and KAI's older name: queue of the pod. */
  runaiQueue: 'runai/queue',
  /** KAI: sub-group of the pod group that the pod belongs to. */
  kaiSubgroup: 'kai.scheduler/subgroup-name',
  /** Kueue: local queue of the pod. */
  kueueQueue: 'kueue.x-k8s.io/queue-name',
  /** Kueue: group of pods that are admitted together. */
  kueuePodGroup: 'kueue.x-k8s.io/pod-group-name',
  /** Kueue: priority class of the workload. */
  kueuePriorityClass: 'kueue.x-k8s.io/priority-class',
} as const;

/** Annotations that schedulers read from pods. */
export const SchedulerAnnotations = {
  /** KAI and Run:AI: name of the PodGroup that the pod belongs to. */
  podGroupName: 'pod-group-name',
  /** Run:AI: queue of the pod, for installations that read it from the annotation. */
  runaiQueue: 'runai/queue',
  /** Kueue: number of pods in the pod group. */
  kueueGroupTotal: 'kueue.x-k8s.io/pod-group-total-count',
  /** Volcano: name of the PodGroup that the pod belongs to. */
  volcanoGroupName: 'scheduling.k8s.io/group-name',
  /** Volcano: queue of the pod, for the PodGroup that Volcano makes of it. */
  volcanoQueue: 'scheduling.volcano.sh/queue-name',
} as const;

/** `schedulerName` that a scheduler type stands for when the pool names none. */
export const SchedulerNames = {
  /** The scheduler that every cluster has. */
  default: 'default-scheduler',
  /** KAI Scheduler. */
  kai: 'kai-scheduler',
  /** Run:AI. */
  runai: 'runai-scheduler',
  /** Volcano. */
  volcano: 'volcano',
} as const;

/** Annotations that the product puts on its own objects. */
export const Annotations = {
  /** On a Workflow: who submitted it, as the apiserver knows them, whichever way it came; never changes. Becomes `spec.submittedBy` of its Tasks. */
  submittedBy: 'osmo.dev/submitted-by',
  /** On a Workflow: tags that users put on it, sorted, with commas between them. */
  tags: 'osmo.dev/tags',
  /** On an App: who created it, when it came through the gateway. On a Workflow: the same of the App that it was made of. */
  appOwner: 'osmo.dev/app-owner',
  /** On a pod: full name of the group, where the label had to be cut. */
  group: 'osmo.dev/group',
  /** On a pod: full name of the task as the recipe has it. */
  taskName: 'osmo.dev/task-name',
  /** On a pod: namespace of the Task on the hub, which may differ from the pod's own. */
  taskNamespace: 'osmo.dev/task-namespace',
  /**
   * On a pod that uploads: seconds that its command has to end when the pod is deleted. The pod's own grace period is the
   * time that the kubelet gives the upload.
   */
  graceSeconds: 'osmo.dev/grace-seconds',
  /** On a User, or a ClusterRoleBinding of one: who made it, when it came through the gateway. */
  createdBy: 'osmo.dev/created-by',
  /** On a ClusterRole that is a role of the gateway: actions of its operations, as in `workflow:*, pool:List`, that access tokens with the role are limited to. */
  actions: 'osmo.dev/actions',
} as const;

/** Finalizers. */
export const Finalizers = {
  /** On a task pod until its end is in `Task.status`, so that a result can't vanish with its pod. */
  podResult: 'osmo.dev/pod-result',
} as const;

/** Field managers of server-side apply: who owns which field. */
export const FieldManagers = {
  /** The hub's controllers: Task metadata and spec, Workflow status, conditions of Pool, Platform and Backend. */
  controllers: 'osmo-controllers',
  /** The operator of a backend: Task status, pods, Backend status without its conditions. */
  backendOperator: 'osmo-backend-operator',
  /** The gateway, for the user who calls: Workflows that it makes of recipes, and what users change about them. */
  apiGateway: 'osmo-api-gateway',
  /** The hub's controllers, about a Workflow: who was told of its end. */
  notifications: 'osmo-notifications',
} as const;

/** Prefixes and fixed names of objects. */
export const Names = {
  /** The heartbeat Lease of a backend is this prefix and the backend's name. */
  backendLeasePrefix: 'osmo-backend-',
  /** The default queue of KAI and Run:AI is this prefix, the namespace, `-` and the pool. */
  queuePrefix: 'osmo-pool-',
  /** Pool of a Workflow that names none. */
  defaultPool: 'default',
  /** Resource specification of a task that names none. */
  defaultResource: 'default',
  /** A task of `spec.tasks` is a group of its own, named after the task with this suffix. */
  singleGroupSuffix: '-group',
  /** Extended resource that `gpu` counts. */
  gpuResource: 'nvidia.com/gpu',
} as const;

/** PriorityClasses that the chart installs; KAI reads preemptibility from their values. */
export const PriorityClasses = {
  /** Priority `High`: value 125, not preemptible. */
  High: 'osmo-high',
  /** Priority `Normal`: value 100, not preemptible. */
  Normal: 'osmo-normal',
  /** Priority `Low`: value 50, preemptible, may borrow beyond the guaranteed quota. */
  Low: 'osmo-low',
} as const;

/** Values of the label `osmo.dev/credential-type`. */
export const CredentialTypes = {
  /** Login of an image registry; applied to every task whose image is in its scope. */
  registry: 'registry',
  /** Access to object storage. */
  data: 'data',
  /** Anything else: handed to tasks that name it in `credentials`. */
  generic: 'generic',
} as const;

/** Paths that a user's container sees. */
export const Paths = {
  /** Input number i lies in this folder under i. */
  input: '/osmo/data/input',
  /** What a task leaves here is its output. */
  output: '/osmo/data/output',
  /** Folder that belongs to the product; files may not be placed in it, but for the output folder. */
  reserved: '/osmo',
} as const;

/** Condition types of every kind. */
export const ConditionTypes = {
  /** Workflow: its spec is valid and its pool can take it; `False` says what it waits for. */
  admitted: 'Admitted',
  /** Workflow and Task: `True` when it completed, `False` when it failed, `Unknown` until it ended. */
  succeeded: 'Succeeded',
  /** Pool and Platform: work can be run on it now. Bucket and Dataset: can be used. */
  ready: 'Ready',
  /** Backend: its operator renews the heartbeat. */
  connected: 'Connected',
} as const;

/** Reasons of a Workflow: of its conditions and in `status.reason`. */
export const WorkflowReasons = {
  /** Admitted: the spec is valid and the pool takes it. */
  admitted: 'Admitted',
  /** Admitted=False, phase Failed: the spec contradicts itself; the message has path, value and what is allowed. */
  invalidSpec: 'InvalidSpec',
  /** Admitted=False, phase Failed: the spec asks for something that this version can't do. */
  unsupported: 'Unsupported',
  /** Admitted=False, phase Pending: there is no Pool of that name. */
  poolNotFound: 'PoolNotFound',
  /** Admitted=False, phase Pending: the pool has no platform of that name, or the Platform doesn't exist. */
  platformNotFound: 'PlatformNotFound',
  /** Admitted=False, phase Pending: the Backend that the pool names doesn't exist. */
  backendNotFound: 'BackendNotFound',
  /** Admitted=False, phase Pending: the pool can't take work now; the message has the pool's own reason. */
  poolNotReady: 'PoolNotReady',
  /** Admitted=False, phase Failed: the platform doesn't allow a mount, `privileged` or `hostNetwork` that a task asks for. */
  notAllowed: 'NotAllowed',
  /** Admitted=False, phase Failed: a task asks for resources that a rule of the pool refuses. */
  resourceRule: 'ResourceRule',
  /** Succeeded=Unknown: not all groups have ended. */
  running: 'Running',
  /** Succeeded=Unknown: nothing has started yet. */
  pending: 'Pending',
  /** Phase Pending or Running: nothing of it has a node, and Tasks wait for some; the message says what is asked, what is free and who is ahead. */
  queued: 'Queued',
  /** Phase Pending or Running: a task whose turn has come reads a dataset, or the output of another workflow, that isn't there; the message says which. */
  dataNotFound: 'DataNotFound',
  /** Phase Pending or Running: versions of datasets that tasks have written are being recorded; nothing is started before that. */
  publishing: 'Publishing',
  /** Succeeded=True: every group completed. */
  completed: 'Completed',
  /** Admitted=False, phase Pending: `spec.suspend` keeps its groups from starting. */
  suspended: 'Suspended',
  /** Admitted=False: `spec.cancel` is set; phase Failed with this reason once nothing of it runs any more. */
  canceled: 'Canceled',
  /** Succeeded=False: groups failed for different reasons, or a task ended with a non-zero exit code. */
  failed: 'Failed',
} as const;

/** Reasons of a Task: of its conditions and in `status.reason`. A failed group hands its reason to the Workflow. */
export const TaskReasons = {
  /** Succeeded=Unknown: created, no pod yet, or the pod waits for a node. */
  scheduling: 'Scheduling',
  /** Succeeded=Unknown: the last attempt ended, the next one starts at `status.retryTime` or as soon as its pod is gone. */
  rescheduled: 'Rescheduled',
  /** Succeeded=Unknown: `spec.hold` keeps it from starting. */
  held: 'Held',
  /** Succeeded=Unknown: no node takes the pod for now; the message has the scheduler's words. */
  unschedulable: 'Unschedulable',
  /** Succeeded=Unknown: something has the scheduler wait with the pod. */
  schedulingGated: 'SchedulingGated',
  /** Succeeded=Unknown: the cluster doesn't take the pod for now, for a quota or a missing namespace; the message says why. */
  podNotAccepted: 'PodNotAccepted',
  /** Succeeded=Unknown: a Secret or ConfigMap that the pod needs is missing, for less than ten minutes. */
  createContainerConfigError: 'CreateContainerConfigError',
  /** Succeeded=Unknown: the kubelet can't tell what became of a container, for less than half an hour. */
  containerStatusUnknown: 'ContainerStatusUnknown',
  /** Succeeded=Unknown: a node is assigned; images are pulled, inputs are fetched. */
  initializing: 'Initializing',
  /** Succeeded=Unknown: ready to start, and held back by the start barrier until the rest of its group is. */
  waitingForPeers: 'WaitingForPeers',
  /** Succeeded=Unknown: the user's command runs. */
  running: 'Running',
  /** Succeeded=Unknown: it ran when its node was last heard of. */
  nodeUnreachable: 'NodeUnreachable',
  /** Succeeded=True: ended with exit code 0, or an exit action says that its code means success. */
  completed: 'Completed',
  /** The user's command ended with a non-zero exit code. */
  error: 'Error',
  /** An image can't be pulled: exit code 301 (back-off) or 302 (pull error). */
  imagePull: 'ImagePull',
  /** The container can't be created: exit code 303 (configuration) or 999 (anything else). */
  createError: 'CreateError',
  /** The container was created and can't be started: exit code 3003. */
  startError: 'StartError',
  /** The kubelet evicted the pod: exit code 3004. */
  evicted: 'Evicted',
  /** A container was killed for memory: exit code 3004. */
  oomKilled: 'OOMKilled',
  /** The scheduler took the pod's place for other work: exit code 3006. */
  preempted: 'Preempted',
  /** Node lost, pod vanished, pod disrupted or refused by the kubelet: exit code 3001. */
  backendError: 'BackendError',
  /** Scheduled, but not running in time: exit code 3005. */
  startTimeout: 'StartTimeout',
  /** Inputs can't be downloaded: exit code 2010. */
  downloadFailed: 'DownloadFailed',
  /** Outputs can't be uploaded: exit code 2012. */
  uploadFailed: 'UploadFailed',
  /** A data credential is refused (exit code 2014), or can't be used or checked (2013). */
  dataDenied: 'DataDenied',
  /** What was to be moved can't be: a full disk, names that no store can hold (exit codes 2030, 2032, 2040). */
  dataError: 'DataError',
  /** Ran longer than `timeouts.execSeconds`. */
  execTimeout: 'ExecTimeout',
  /** Waited for a node longer than `timeouts.queueSeconds`. */
  queueTimeout: 'QueueTimeout',
  /** A user cancelled it. */
  canceled: 'Canceled',
  /** A peer, most often the lead, ended the group. */
  peerFailed: 'PeerFailed',
  /** A group that this one needs failed: counted in the Workflow, no Task is created. */
  upstream: 'Upstream',
  /** The API refused the Task itself, for instance since it is too large: counted in the Workflow, its group isn't started. */
  refused: 'Refused',
  /** The cluster says no more than that it failed: exit code 4000. */
  unknown: 'Unknown',
} as const;

/** Reasons of a Pool's condition Ready. */
export const PoolReasons = {
  /** True: backend connected, platforms there. */
  available: 'Available',
  /** False: there is no Backend of that name. */
  backendNotFound: 'BackendNotFound',
  /** False: the Backend has no heartbeat. */
  backendDisconnected: 'BackendDisconnected',
  /** False: a platform that the pool lists doesn't exist. */
  platformNotFound: 'PlatformNotFound',
  /** False: `spec.maintenance` is set. */
  maintenance: 'Maintenance',
} as const;

/** Reasons of a Bucket's condition Ready. */
export const BucketReasons = {
  /** True: its URL can be used. Whether its store can be reached shows when it is read or written. */
  available: 'Available',
  /** False: its URL can't be one. */
  invalidUrl: 'InvalidURL',
  /** False: another bucket of the namespace is the default too, and comes first. */
  otherDefault: 'OtherDefault',
} as const;

/** Reasons of a Dataset's condition Ready. */
export const DatasetReasons = {
  /** True: its bucket is there. */
  available: 'Available',
  /** False: there is no Bucket of that name. */
  bucketNotFound: 'BucketNotFound',
} as const;

/** Reasons of a Platform's condition Ready. */
export const PlatformReasons = {
  /** True: nodes match the selector and their taints are tolerated. */
  matchingNodes: 'MatchingNodes',
  /** True: no node is there now, `spec.nodeShapes` says what can be started. */
  declaredShapes: 'DeclaredShapes',
  /** False: no node matches and no shape is declared. */
  noMatchingNode: 'NoMatchingNode',
} as const;

/** Reasons of a Backend's condition Connected. */
export const BackendReasons = {
  /** True: the Lease was renewed in time. */
  heartbeat: 'Heartbeat',
  /** False: the Lease was renewed once, and not any more. */
  heartbeatLost: 'HeartbeatLost',
  /** False: there has never been a Lease. */
  neverConnected: 'NeverConnected',
} as const;

/** Reasons of Events, all in the past tense of something that has happened. */
export const EventReasons = {
  /** Workflow: its first command runs. Task: the command of an attempt runs; the note says where, and how long it took. */
  started: 'Started',
  /** Workflow or Task: it completed. */
  completed: 'Completed',
  /** Workflow or Task: it failed; the note has reason and message. */
  failed: 'Failed',
  /** Workflow: its status can't be stored, for instance since the object is too large; the note says what to do. */
  statusNotStored: 'StatusNotStored',
  /** Workflow: its Tasks may be created. Told only if nothing has started in the meantime, or if it was `NotAdmitted` before. */
  admitted: 'Admitted',
  /** Workflow: it isn't admitted yet; the note says what it waits for. */
  notAdmitted: 'NotAdmitted',
  /** Workflow or Task: it came to wait for a node; the note says why. */
  queued: 'Queued',
  /** Workflow or Task: something keeps it back that isn't the queue, and may have to be mended; the note says what. */
  delayed: 'Delayed',
  /** Workflow: what it was `Queued` or `Delayed` for is over. */
  continued: 'Continued',
  /** Task: its pod got a node. */
  scheduled: 'Scheduled',
  /** Task: the node has begun with its pod: images are pulled, inputs are fetched. */
  accepted: 'Accepted',
  /** Task: all that its command needs is there, and it waits for the others of its group. */
  prepared: 'Prepared',
  /** Task: all of its group were ready, and it went on. */
  gathered: 'Gathered',
  /** Task: `spec.hold` was set before anything of it had a place. */
  held: 'Held',
  /** Task: nothing was heard of the node any more on which its command runs. */
  disconnected: 'Disconnected',
  /** Task: the node on which its command runs was heard of again. */
  reconnected: 'Reconnected',
  /** Task: an attempt ended and the task is tried again; the note says why, and which attempt follows. */
  rescheduled: 'Rescheduled',
  /** Task: the log of an attempt is not whole in the store; the note says why. */
  logsIncomplete: 'LogsIncomplete',
  /** Workflow: somebody canceled it; the note says who and why. */
  canceled: 'Canceled',
  /** Workflow: `spec.suspend` was set. */
  suspended: 'Suspended',
  /** Workflow: `spec.suspend` was taken back. */
  resumed: 'Resumed',
  /** Workflow: tasks of it were restarted; the note says how many, by whom. Task: it is to run again and hadn't begun. */
  restarted: 'Restarted',
  /** Workflow: a restart that was asked for can't take place; the note says why. */
  restartRefused: 'RestartRefused',
  /** Workflow: its record is in the archive. */
  archived: 'Archived',
  /** Workflow: its record can't be written to the archive; the note says why. Nothing is deleted until it can. */
  archiveFailed: 'ArchiveFailed',
  /** Workflow: somebody could not be told of its end; the note says whom and why. */
  notificationFailed: 'NotificationFailed',
} as const;

/** Exit codes that stand for what the cluster did; 0 to 255 are the user's command. */
export const ExitCodes = {
  /** Added to the exit code of an init container of ours. */
  initOffset: 255,
  /** Image pull in back-off. */
  imagePullBackOff: 301,
  /** Image pull failed. */
  errImagePull: 302,
  /** The container's configuration can't be resolved. */
  createContainerConfigError: 303,
  /** The container crashes over and over. */
  crashLoopBackOff: 304,
  /** The container's state got lost with its node. */
  containerStatusUnknown: 305,
  /** Any other reason for which a container can't be created. */
  createContainerError: 999,
  /** Added to the exit code of the runtime container. */
  runtimeOffset: 2000,
  /** A group that this one needs failed. */
  upstream: 3000,
  /** The backend failed: node lost, pod vanished, disruption. */
  backendError: 3001,
  /** The hub failed. */
  serverError: 3002,
  /** The container can't be started. */
  startError: 3003,
  /** Evicted, or killed for memory. */
  evicted: 3004,
  /** Not running in time. */
  startTimeout: 3005,
  /** Preempted by the scheduler. */
  preempted: 3006,
  /** No cause is known. */
  unknown: 4000,
} as const;
