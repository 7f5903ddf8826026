/** What JSON can say. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** One task of a recipe. */
export const task = (more: Record<string, Json> = {}): Record<string, Json> => ({
  name: 'a',
  image: 'busybox',
  command: ['sh'],
  ...more,
});

/** A recipe with every key, the first of two whose parts exclude each other. */
export const flat = {
  version: 2,
  'default-values': { x: 1 },
  workflow: {
    name: 'w',
    labels: { team: 'arms' },
    pool: 'p',
    backend: 'b',
    timeout: { exec_timeout: '2h', queue_timeout: 60 },
    resources: {
      default: {
        cpu: 1,
        gpu: 0,
        memory: '1GiB',
        storage: 1024,
        platform: 'dgx',
        nodesExcluded: ['node-1'],
        topology: [{ key: 'rack', group: 'near', requirementType: 'preferred' }],
      },
    },
    tasks: [
      task({
        args: ['x', 1],
        lead: true,
        environment: { A: true, B: 1.5 },
        files: [
          { path: '/files/a', contents: 'YQ==', base64: true },
          { path: '/files/b', localpath: 'a.txt' },
        ],
        inputs: [
          { task: 'b', regex: '.*' },
          { url: 's3://bucket/in', regex: '.*' },
          { dataset: { name: 'd', path: 'p', regex: '.*', localpath: 'l' } },
        ],
        outputs: [
          { url: 's3://bucket/out', regex: '.*' },
          { dataset: { name: 'd', path: 'p', regex: '.*', metadata: ['m'], labels: ['l'] } },
          { update_dataset: { name: 'd', paths: ['p'], metadata: ['m'], labels: ['l'] } },
        ],
        credentials: { files: '/secrets', variables: { TOKEN: 'key' } },
        resource: 'default',
        resources: { cpu: 1 },
        volumeMounts: ['/data', '/a:/b'],
        privileged: false,
        hostNetwork: 'no',
        exitActions: { complete: '0', RESCHEDULE: '3,4' },
        checkpoint: [{ path: '/c', url: 's3://bucket/c', frequency: '10m', regex: '.*' }],
        downloadType: 'download',
        cacheSize: '90%',
        kpis: [{ index: 'speed', path: 'kpi.json' }],
        backend: 'b',
      }),
      task({ name: 'b' }),
    ],
  },
};
/** A recipe of one group. */
export const grouped = {
  workflow: { name: 'w', groups: [{ name: 'g', barrier: true, ignoreNonleadStatus: false, tasks: [task()] }] },
};

/** Where each section is in one of the two recipes. */
export const places: Readonly<Record<string, readonly [Json, ...(string | number)[]]>> = {
  recipe: [flat],
  workflow: [flat, 'workflow'],
  timeout: [flat, 'workflow', 'timeout'],
  resource: [flat, 'workflow', 'resources', 'default'],
  topology: [flat, 'workflow', 'resources', 'default', 'topology', 0],
  group: [grouped, 'workflow', 'groups', 0],
  task: [flat, 'workflow', 'tasks', 0],
  file: [flat, 'workflow', 'tasks', 0, 'files', 0],
  taskInput: [flat, 'workflow', 'tasks', 0, 'inputs', 0],
  urlInput: [flat, 'workflow', 'tasks', 0, 'inputs', 1],
  datasetInput: [flat, 'workflow', 'tasks', 0, 'inputs', 2],
  inputDataset: [flat, 'workflow', 'tasks', 0, 'inputs', 2, 'dataset'],
  urlOutput: [flat, 'workflow', 'tasks', 0, 'outputs', 0],
  datasetOutput: [flat, 'workflow', 'tasks', 0, 'outputs', 1],
  outputDataset: [flat, 'workflow', 'tasks', 0, 'outputs', 1, 'dataset'],
  datasetUpdateOutput: [flat, 'workflow', 'tasks', 0, 'outputs', 2],
  updatedDataset: [flat, 'workflow', 'tasks', 0, 'outputs', 2, 'update_dataset'],
  checkpoint: [flat, 'workflow', 'tasks', 0, 'checkpoint', 0],
  kpi: [flat, 'workflow', 'tasks', 0, 'kpis', 0],
};

/** A copy of the recipe of a section in which `change` was done to the section. */
export function changed(name: string, change: (section: Record<string, Json>) => void): Json {
  const [recipe = null, ...path] = places[name] ?? [];
  const copy = structuredClone(recipe);
  let at: Json = copy;
  for (const step of path) at = (at as Record<string | number, Json>)[step] ?? null;
  change(at as Record<string, Json>);
  return copy;
}
