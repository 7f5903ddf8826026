import type { TaskAttempt, WorkflowSpecInput } from '@osmo/crds';
import { type ContainerStatus, resourceType } from '@osmo/kube';
import { readLog } from '../../hack/demo/api.ts';
import { endOf, type Ending, type Lab, podsOf, submit } from './lab.ts';

type TaskTemplate = NonNullable<WorkflowSpecInput['tasks']>[number];

/** Folder of the node where each container writes that it ran; visible to tasks as /runs. */
const ledgerFolder = '/var/lib/osmo-e2e';

/** Name of the pool and platform whose tasks may write to the ledger. */
export const ledgerPool = 'e2e-ledger';

const kind = (name: string, plural: string) =>
  resourceType({ group: 'osmo.dev', version: 'v1alpha1', kind: name, plural, namespaced: false });

/** Makes the pool of workloads; one that is there is left as it is. */
export async function makeLedgerPool({ client }: Lab): Promise<void> {
  const object = (name: string, spec: object): never =>
    ({ apiVersion: 'osmo.dev/v1alpha1', kind: name, metadata: { name: ledgerPool }, spec }) as never;
  const options = { fieldManager: 'osmo-e2e', force: true };
  await client.apply(kind('Platform', 'platforms'), object('Platform', { allowedMounts: [ledgerFolder] }), options);
  const pools = kind('Pool', 'pools');
  const { spec } = (await client.get(pools, { name: 'default' })) as unknown as { spec: object };
  const own = { platforms: [ledgerPool], defaultPlatform: ledgerPool };
  await client.apply(pools, object('Pool', { ...spec, ...own }), options);
}

/** How the task of a workload must end: by name of workflow, then of task; `undefined` = never starts. */
export type Plan = Readonly<Record<string, Readonly<Record<string, number | undefined>>>>;

const plan: Plan = {
  chain: { first: 0, second: 0, third: 0 },
  diamond: { top: 0, left: 0, right: 0, middle: 0, bottom: 0 },
  broken: { start: 0, fails: 3, beside: 0, never: undefined },
};

const needs: Readonly<Record<string, readonly string[]>> = {
  ...{ second: ['first'], third: ['second'] },
  ...{ left: ['top'], right: ['top'], middle: ['top'], bottom: ['left', 'right', 'middle'] },
  ...{ fails: ['start'], beside: ['start'], never: ['fails'] },
};

function taskOf(id: string, workflow: string, name: string, exitCode: number | undefined): TaskTemplate {
  const line = [`echo "${id} ${workflow} ${name} $HOSTNAME" >> /runs/ledger`, 'sleep 2', `exit ${exitCode ?? 0}`].join(
    '; ',
  );
  return {
    name,
    image: 'busybox',
    command: ['sh', '-c', line],
    inputs: (needs[name] ?? []).map((input) => ({ task: { name: input } })),
    volumeMounts: [{ hostPath: ledgerFolder, mountPath: '/runs' }],
  };
}

/** Three workflows with chains, a fan-out and a failure, under way. */
export interface Workload {
  run: string;
  /** Its name in the ledger, which keeps what former test runs wrote. */
  id: string;
  /** Waits for all of them to end. */
  ended(): Promise<ReadonlyMap<string, Ending>>;
}

/** Submits a workload; the names of its workflows begin with `run`. */
export async function startWorkload(lab: Lab, run: string): Promise<Workload> {
  const id = `${run}-${Date.now().toString(36)}`;
  const small = [{ name: 'default', cpu: '10m', memory: '16Mi' }];
  for (const [workflow, tasks] of Object.entries(plan)) {
    const templates = Object.entries(tasks).map(([name, exitCode]) => taskOf(id, workflow, name, exitCode));
    await submit(lab, `${run}-${workflow}`, { pool: ledgerPool, resources: small, tasks: templates });
  }
  return {
    run,
    id,
    ended: async () => {
      const ends = Object.keys(plan).map(async (name) => [name, await endOf(lab, `${run}-${name}`, 480_000)] as const);
      return new Map(await Promise.all(ends));
    },
  };
}

const startFailures: ReadonlySet<string> = new Set(['StartError', 'CreateError']);

/**
 * A kubelet that dies while it starts a container takes the container along: mostly before its command has run, but the runtime
 * may have begun with it, and kills it then. Nobody can know; the attempt has failed, and the next one is another pod.
 */
function isCutOff({ cause, reason = '' }: TaskAttempt): boolean {
  return cause === 'Infrastructure' && startFailures.has(reason);
}

/**
 * Waits for the end of a workload and says what is wrong with it, in sentences: nothing when every task ended as planned
 * and ran exactly once.
 */
export async function faultsOf(lab: Lab, workload: Workload): Promise<string[]> {
  const endings = await workload.ended();
  const found: string[] = [];
  const ledger = await readLedger(lab, workload);
  for (const [name, tasks] of Object.entries(plan)) {
    const status = endings.get(name)?.workflow.status;
    const ran = endings.get(name)?.tasks;
    const failing = Object.values(tasks).some((code) => code !== 0);
    const phase = failing ? 'Failed' : 'Completed';
    if (status?.phase !== phase) found.push(`${name} is ${status?.phase} (${status?.message}), want ${phase}`);
    for (const [task, want] of Object.entries(tasks)) {
      const { exitCode, attempts = [] } = ran?.get(task)?.status ?? {};
      if (exitCode !== want) found.push(`${name}/${task} has exit code ${exitCode}, want ${want}`);
      const others = attempts.filter((attempt) => !isCutOff(attempt));
      if (others.length > 0) found.push(`${name}/${task} needed more attempts: ${JSON.stringify(others)}`);
      const runs = ledger.filter((line) => line.startsWith(`${workload.id} ${name} ${task} `));
      const pods = runs.map((line) => line.split(' ').at(-1));
      const cutOff = new Set(attempts.filter(isCutOff).map(({ podName }) => podName));
      const whole = pods.filter((pod) => !cutOff.has(pod));
      const isOnce = whole.length === (want === undefined ? 0 : 1) && new Set(pods).size === pods.length;
      if (!isOnce) found.push(`${name}/${task} ran ${runs.length} times: ${runs.join('; ')}`);
    }
  }
  for (const pod of await podsOf(lab)) {
    if ((pod.status?.containerStatuses ?? []).some(ranBefore)) found.push(`pod ${pod.metadata.name} restarted`);
  }
  return found;
}

/**
 * Whether a container of the pod ran before this one. The number of restarts alone doesn't say so: a kubelet that dies between
 * making a container and starting it makes another, which has the next number, and the first never ran.
 */
function ranBefore({ restartCount, lastState }: ContainerStatus): boolean {
  return restartCount > 0 && lastState?.terminated !== undefined;
}

/** The ledger's lines of one run, read on the node by a workflow. */
async function readLedger(lab: Lab, { run, id }: Workload): Promise<string[]> {
  const name = `${run}-ledger`;
  const task: TaskTemplate = {
    name: 'read',
    image: 'busybox',
    command: ['grep', `^${id} `, '/runs/ledger'],
    volumeMounts: [{ hostPath: ledgerFolder, mountPath: '/runs' }],
  };
  await submit(lab, name, { pool: ledgerPool, tasks: [task] });
  const { tasks } = await endOf(lab, name, 480_000);
  const status = tasks.get('read')?.status;
  const { podNamespace: namespace = lab.namespace, podName = '' } = status ?? {};
  const text = await readLog(lab.client, { namespace, name: podName });
  if (text === undefined) throw new Error(`the ledger of ${run} can't be read: ${JSON.stringify(status)}`);
  return text.split('\n').filter((line) => line !== '');
}
