import { Annotations, type Workflow } from '@osmo/crds';
import { CustomResourceDefinition, type KubeClient } from '@osmo/kube';
import { poll } from '../../hack/cluster/system/poll.ts';
import type { BenchContext } from '../bench.ts';
import { load } from '../client/load.ts';
import { Workflows } from '../lab/kinds.ts';

/** People, pools and teams that past workflows are spread over. */
export const spread = { users: 50, pools: 10, teams: 200 } as const;

const ends = ['Completed', 'Completed', 'Completed', 'Failed'] as const;

/**
 * One of many workflows of the past: three tasks in a row with arguments and environment, labels, and a status as the
 * controllers write it. One in a hundred still runs.
 */
export function pastWorkflow(namespace: string, number: number): Workflow {
  const running = number % 100 === 0;
  const phase = running ? 'Running' : ends[number % ends.length];
  const task = (name: string, input?: string): object => ({
    name,
    image: 'nvcr.io/nvidia/pytorch:24.03-py3',
    command: ['python', `${name}.py`],
    args: ['--seed', String(number), '--output', '{{output}}'],
    env: [{ name: 'RUN', value: `run-${number}` }],
    ...(input !== undefined && { inputs: [{ task: { name: input } }] }),
  });
  const time = '2026-11-01T12:00:00Z';
  return {
    apiVersion: 'osmo.dev/v1alpha1',
    kind: 'Workflow',
    metadata: {
      name: `train-policy-${number}`,
      namespace,
      annotations: { [Annotations.submittedBy]: `user-${number % spread.users}` },
    },
    spec: {
      pool: `pool-${number % spread.pools}`,
      labels: { team: `team-${number % spread.teams}`, 'example.com/experiment': `sweep-${number % 1000}` },
      tasks: [task('prepare'), task('train', 'prepare'), task('evaluate', 'train')],
    },
    status: {
      phase,
      ...(phase === 'Failed' && { reason: 'Failed', message: 'task evaluate failed: exit code 1' }),
      startTime: time,
      ...(!running && { completionTime: time }),
      conditions: [
        { type: 'Admitted', status: 'True', reason: 'Admitted', message: '', lastTransitionTime: time },
        {
          type: 'Succeeded',
          status: running ? 'Unknown' : phase === 'Completed' ? 'True' : 'False',
          reason: phase,
          message: '',
          lastTransitionTime: time,
        },
      ],
    },
  } as unknown as Workflow;
}

/**
 * Makes workflows of the past in a namespace that is there. A create can't carry a status, so that meanwhile the definition
 * says that there is nothing special about it: half the writes.
 */
export async function makePastWorkflows(
  client: KubeClient,
  namespace: string,
  count: number,
  { say, signal }: Pick<BenchContext, 'say' | 'signal'>,
): Promise<void> {
  const definition = { name: 'workflows.osmo.dev' };
  const path = '/spec/versions/0/subresources/status';
  await client.patch(CustomResourceDefinition, definition, { kind: 'json', body: [{ op: 'remove', path }] });
  const keepsStatus = async (): Promise<true | undefined> => {
    const probe = await client.create(Workflows, pastWorkflow(namespace, 0), { dryRun: true });
    return probe.status?.phase === undefined ? undefined : true;
  };
  await poll('workflows that keep the status they are made with', keepsStatus, { timeoutMs: 60_000 });
  const lot = 5000;
  for (let made = 0; made < count; made += lot) {
    say(`workflows made: ${made} of ${count}`);
    const calls = Math.min(lot, count - made);
    const create = async (_: number, number: number): Promise<void> =>
      void (await client.create(Workflows, pastWorkflow(namespace, made + number), { signal }));
    await load({ calls }, 32, create, signal);
  }
  await client.patch(CustomResourceDefinition, definition, { kind: 'json', body: [{ op: 'add', path, value: {} }] });
}

/** What all workflows weigh: bytes of their JSON as the apiserver sends them. */
export async function weigh(client: KubeClient): Promise<number> {
  let bytes = 0;
  let next: string | undefined;
  do {
    const query = new URLSearchParams({ limit: '500', ...(next !== undefined && { continue: next }) });
    const answer = await client.request('GET', `/apis/osmo.dev/v1alpha1/workflows?${query.toString()}`);
    bytes += answer.body.byteLength;
    const page = JSON.parse(answer.body.toString('utf8')) as { metadata: { continue?: string } };
    next = page.metadata.continue || undefined;
  } while (next !== undefined);
  return bytes;
}
