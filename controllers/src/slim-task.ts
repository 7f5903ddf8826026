import type { Task, TaskData, TaskSpec, TaskStatus } from '@osmo/crds';

type Metadata = Task['metadata'];

/**
 * Makes the function that prepares Tasks for the hub's cache. The hub creates Tasks whole, and afterwards only tells them
 * to start again, wait or end; what a Task is to run is read by its backend. So a cached Task keeps who it is, whose it is,
 * what it was told, what it needs and how it fares: an image, command and the like that say nothing stand in for the real
 * ones. What a workflow's Tasks have in common is kept once for those that come one after the other.
 *
 * Whoever needs the whole Task must ask the API.
 */
export function taskSlimmer(): (task: Task) => Task {
  let last: Task | undefined;
  return (task) => {
    last = { ...task, metadata: slimMetadata(task.metadata, last), spec: slimSpec(task.spec, last?.spec) };
    if (task.status !== undefined) last.status = slimStatus(task.status);
    return last;
  };
}

const noCommand: string[] = [];

function slimMetadata(metadata: Metadata, last: Task | undefined): Metadata {
  const { labels: _labels, annotations: _annotations, ...kept } = metadata;
  const before = last?.metadata.ownerReferences;
  const same = JSON.stringify(before) === JSON.stringify(kept.ownerReferences);
  return same && before !== undefined ? { ...kept, ownerReferences: before } : kept;
}

function slimSpec(spec: TaskSpec, last: TaskSpec | undefined): TaskSpec {
  const { run, hold, cancel, pinnedImage } = spec;
  return {
    workflow: shared(spec.workflow, last?.workflow),
    taskName: spec.taskName,
    lead: spec.lead,
    group: spec.group,
    backend: shared(spec.backend, last?.backend),
    pool: shared(spec.pool, last?.pool),
    ...(spec.platform !== undefined && { platform: shared(spec.platform, last?.platform) }),
    priority: shared(spec.priority, last?.priority),
    scheduling: shared({ type: spec.scheduling.type }, last?.scheduling),
    resources: shared(spec.resources, last?.resources),
    image: shared(spec.image, last?.image),
    command: noCommand,
    privileged: false,
    hostNetwork: false,
    ...(run !== undefined && { run }),
    ...(hold !== undefined && { hold }),
    ...(cancel !== undefined && { cancel }),
    ...(pinnedImage !== undefined && { pinnedImage }),
    ...(spec.data !== undefined && { data: slimData(spec.data, last?.data) }),
  };
}

/** Most Tasks say no more than a flag; what says more differs from one to the next. */
function slimData(data: TaskData, last: TaskData | undefined): TaskData {
  return data.inputs === undefined && data.outputs === undefined ? shared(data, last) : data;
}

/** Without what only the backend reads again. Of attempts, the images that ran: a pinned restart runs them again. */
function slimStatus(status: TaskStatus): TaskStatus {
  const { podUID: _u, podIP: _i, podNamespace: _n, podName: _p, attempts, ...kept } = status;
  const images = attempts?.filter(({ imageID }) => imageID !== undefined);
  return { ...kept, conditions: [], ...(images !== undefined && images.length > 0 && { attempts: images }) };
}

/** The earlier of two values that say the same. */
function shared<V>(value: V, before: V | undefined): V {
  if (before === undefined) return value;
  return value === before || JSON.stringify(value) === JSON.stringify(before) ? before : value;
}
