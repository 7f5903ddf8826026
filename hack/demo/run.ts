import { poll } from '../cluster/system/poll.ts';
import { isNotFound, type KubeClient, Namespace } from '@osmo/kube';
import type { S3Site } from '../cluster/node/s3.ts';
import { giveBucket } from './bucket.ts';
import { readLog, Tasks, Workflows } from './api.ts';
import { type Example } from './example.ts';
import { stateOf, type WorkflowState } from './outcome.ts';

/** Settings of one run of the examples. */
export interface RunOptions {
  client: KubeClient;
  namespace: string;
  examples: readonly Example[];
  /** Where examples that need a bucket have one. */
  site: S3Site | undefined;
  /** Called with every new picture, at most four times a second. */
  onProgress(states: readonly WorkflowState[]): void;
  /** Time for all of them to end. */
  timeoutMs: number;
}

const fieldManager = 'osmo-demo';
const withdrawTimeoutMs = 120_000;

/**
 * Applies the examples to a namespace, removing what a former run left, and follows them to their ends.
 *
 * @returns the last picture of each, in the order of `examples`; when time is up, those that did not end say so by `ended`.
 * @throws KubeError when the cluster refuses something; Error when a former run can't be removed.
 */
export async function runExamples(options: RunOptions): Promise<WorkflowState[]> {
  const { client, namespace, examples } = options;
  await client.apply(
    Namespace,
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } },
    { fieldManager },
  );
  await Promise.all(examples.map((example) => withdraw(options, example.name)));
  if (options.site !== undefined) await giveBucket(client, namespace, options.site);
  for (const { manifest } of examples) {
    const object = { ...manifest, metadata: { ...manifest.metadata, namespace } };
    await client.apply(Workflows, object, { fieldManager, force: true });
  }
  return follow(options);
}

async function follow(options: RunOptions): Promise<WorkflowState[]> {
  const deadline = Date.now() + options.timeoutMs;
  return poll(
    'the end of the examples',
    async () => {
      const states = await picture(options);
      options.onProgress(states);
      return states.every((state) => state.ended) || Date.now() > deadline ? states : undefined;
    },
    // The deadline above ends it, with the picture that it ends with.
    { timeoutMs: Infinity, intervalMs: 250 },
  );
}

/** How the examples stand now. */
export async function picture({
  client,
  namespace,
  examples,
}: Pick<RunOptions, 'client' | 'namespace' | 'examples'>): Promise<WorkflowState[]> {
  // Workflows first: a task that is newer than its workflow is harmless, the other way round it would seem Upstream.
  const workflows = (await client.list(Workflows, { namespace })).items;
  const tasks = (await client.list(Tasks, { namespace })).items;
  return examples.map((example) =>
    stateOf(
      example,
      workflows.find((workflow) => workflow.metadata.name === example.name),
      tasks,
    ),
  );
}

/** Deletes a workflow of that name with its tasks, and waits until they are gone. */
async function withdraw({ client, namespace }: RunOptions, name: string): Promise<void> {
  try {
    await client.delete(Workflows, { name, namespace }, { propagationPolicy: 'Background' });
  } catch (error) {
    if (isNotFound(error)) return;
    throw error;
  }
  await poll(
    `removal of the former workflow ${namespace}/${name}`,
    async () => {
      const left = (await client.list(Tasks, { namespace })).items.some((task) => task.spec.workflow.name === name);
      return left ? undefined : true;
    },
    { timeoutMs: withdrawTimeoutMs },
  );
}

/** What a task printed. */
export interface TaskLog {
  workflow: string;
  task: string;
  state: string;
  /** Undefined when the task never had a container, or its pod is gone. */
  text?: string;
}

/** Logs of all tasks, in the order of the recipes. */
export async function readLogs(client: KubeClient, states: readonly WorkflowState[]): Promise<TaskLog[]> {
  const tasks = states.flatMap((workflow) => workflow.tasks.map((task) => ({ workflow: workflow.name, task })));
  return Promise.all(
    tasks.map(async ({ workflow, task }) => {
      const text = task.pod && (await readLog(client, task.pod));
      return { workflow, task: task.name, state: task.state, ...(text !== undefined && { text }) };
    }),
  );
}
