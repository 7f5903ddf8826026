import { join } from 'node:path';
import { createClient, type KubeClient, loadAccess, Pod, systemClock } from '@osmo/kube';
import { obtainAll } from '../../hack/cluster/components/obtain.ts';
import { cacheFolder } from '../../hack/cluster/system/cache.ts';
import { poll } from '../../hack/cluster/system/poll.ts';
import { run } from '../../hack/cluster/system/run.ts';
import { namespaceOf, type Process, processes, processesOfPod } from './processes.ts';
import { type Site, siteOf } from './site.ts';

/** Namespace of the installation. */
export const systemNamespace = 'osmo-system';

/** Our programs, by the name that their pods carry. */
export type Program = 'controllers' | 'backend-operator';

/** Programs of the cluster itself. */
export type Component = 'kube-apiserver' | 'etcd' | 'kubelet';

const chart = join(import.meta.dirname, '../../charts/osmo');
const site = (): Site => siteOf(process.env);

/** File by which the cluster is reached as its administrator. */
export const kubeconfig = (): string => site().kubeconfig;

/** The apiserver's audit log. */
export const auditLog = (): string => site().auditLog;

/** A client of the cluster's administrator. */
export async function connectToCluster(): Promise<KubeClient> {
  const access = await loadAccess({ kubeconfig: kubeconfig(), clock: systemClock, env: {} });
  return createClient({ access, userAgent: 'osmo-e2e' });
}

/** Kills the processes of all pods of a program with SIGKILL; the kubelet starts their containers again. */
export async function killProgram(client: KubeClient, program: Program): Promise<void> {
  const labelSelector = `app.kubernetes.io/component=${program}`;
  const pods = await poll(
    `pods of ${program}`,
    async () => (await client.list(Pod, { namespace: systemNamespace, labelSelector })).items,
    { timeoutMs: 300_000 },
  );
  const victims = pods.flatMap(processesOfPod);
  if (victims.length === 0) throw new Error(`no process of ${program} is running`);
  kill(victims);
}

/** Kills a component of the cluster with SIGKILL and waits until its supervisor has started it again. */
export async function killComponent(component: Component): Promise<void> {
  const victims = processesOfComponent(component);
  if (victims.length === 0) throw new Error(`${component} is not running`);
  kill(victims);
  const before = new Set(victims.map(({ pid }) => pid));
  await poll(
    `${component} to run again`,
    async () => processesOfComponent(component).some(({ pid }) => !before.has(pid)) || undefined,
    { timeoutMs: 300_000 },
  );
}

function processesOfComponent(component: Component): Process[] {
  const node = namespaceOf(site().initPid, 'pid');
  const isIt = ({ command }: Process): boolean => new RegExp(`(^|/)${component}(-v[0-9.]+)?$`).test(command[0] ?? '');
  return processes().filter((process) => isIt(process) && namespaceOf(process.pid, 'pid') === node);
}

function kill(victims: readonly Process[]): void {
  for (const { pid } of victims) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch (error) {
      // It ended by itself between the two looks at it.
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }
}

async function helm(args: readonly string[], input?: string): Promise<string> {
  const { helm: binary = 'helm' } = await obtainAll(['helm'], () => undefined);
  const home = join(cacheFolder(process.env), 'helm');
  const homes = { HELM_CACHE_HOME: home, HELM_CONFIG_HOME: home, HELM_DATA_HOME: home };
  const environment = { ...process.env, ...homes, KUBECONFIG: kubeconfig() };
  const options = { environment, timeoutMs: 300_000, ...(input !== undefined && { input }) };
  return (await run(binary, args, options)).stdout;
}

const release = ['osmo', '--namespace', systemNamespace];
const waiting = ['--wait', '--timeout', '180s'];

/** The values that the release was given, as JSON. */
export async function valuesOfOsmo(): Promise<string> {
  return helm(['get', 'values', ...release, '--output', 'json']);
}

/** Upgrades the release with further arguments; its other values stay as they are. */
export async function upgradeOsmo(args: readonly string[]): Promise<void> {
  await helm(['upgrade', ...release, chart, '--reuse-values', ...waiting, ...args]);
}

/** Uninstalls the release and gives what installs it again with the same values. */
export async function uninstallOsmo(): Promise<() => Promise<void>> {
  const values = await valuesOfOsmo();
  await helm(['uninstall', ...release, ...waiting]);
  return async () => {
    await helm(['upgrade', '--install', ...release, chart, '--create-namespace', ...waiting, '--values', '-'], values);
  };
}
