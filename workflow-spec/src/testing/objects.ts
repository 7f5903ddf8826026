import { Api, kinds } from '@osmo/crds';
import type {
  Backend,
  BackendShape,
  BackendStatus,
  Platform,
  PlatformSpecInput,
  Pool,
  PoolSpecInput,
  TaskTemplateInput,
  Workflow,
  WorkflowSpecInput,
} from '@osmo/crds';
import type { AdmissionWorld } from '../admission/types.ts';

/** An object of a kind as an apiserver returns it: checked by the schema, with defaults filled in. */
function accepted(kind: string, name: string, spec: unknown, more: object = {}): object {
  const schema = kinds.find(({ type }) => type.kind === kind)?.spec;
  if (schema === undefined) throw new Error(`no kind ${kind}`);
  return { apiVersion: Api.apiVersion, kind, metadata: { name }, spec: schema.parse(spec), ...more };
}

/** @throws ZodError for a spec that the schema refuses: then it is no case for admission. */
export function workflow(spec: WorkflowSpecInput, more: Partial<Workflow> = {}): Workflow {
  return accepted('Workflow', 'wf', spec, more) as Workflow;
}

export function task(name: string, more: Partial<TaskTemplateInput> = {}): TaskTemplateInput {
  return { name, image: 'busybox', command: ['true'], ...more };
}

/** A task that waits for others. */
export function after(name: string, ...names: string[]): TaskTemplateInput {
  return task(name, { inputs: names.map((each) => ({ task: { name: each } })) });
}

export function pool(spec: Partial<PoolSpecInput> = {}, name = 'default'): Pool {
  return accepted('Pool', name, { backend: 'local', ...spec }) as Pool;
}

export function platform(spec: PlatformSpecInput = {}, name = 'cpu'): Platform {
  return accepted('Platform', name, spec) as Platform;
}

/** One kind of nodes, one of it. */
export function shape(id: string, allocatable: Partial<BackendShape['allocatable']>, labels = {}): BackendShape {
  const usual = { cpu: '8', memory: '64Gi', storage: '100Gi', gpu: 0 };
  return { id, count: 1, available: 1, labels, taints: [], allocatable: { ...usual, ...allocatable } };
}

/** A connected backend; with one node of 8 CPUs and 64 GiB unless other shapes are given. */
export function backend(status: Partial<BackendStatus> = {}, name = 'local'): Backend {
  return accepted('Backend', name, {}, { status: { shapes: [shape('small', {})], ...status } }) as Backend;
}

/** By name, as caches hold them. */
export function named<T extends { metadata: { name: string } }>(...objects: readonly T[]): ReadonlyMap<string, T> {
  return new Map(objects.map((object) => [object.metadata.name, object]));
}

/** A pool `default` without platforms on a backend with one node; `more` replaces what it names. */
export function world(more: Partial<AdmissionWorld> = {}): AdmissionWorld {
  return {
    pools: named(pool()),
    platforms: new Map(),
    backends: named(backend()),
    user: { name: 'ada', groups: ['system:authenticated'] },
    ...more,
  };
}
