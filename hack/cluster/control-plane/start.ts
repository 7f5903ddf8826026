import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { obtainAll } from '../components/obtain.ts';
import type { ComponentName } from '../components/table.ts';
import {
  apiserverArguments,
  controllerManagerArguments,
  etcdArguments,
  schedulerArguments,
} from '../config/arguments.ts';
import { auditPolicy } from '../config/audit-policy.ts';
import { kubeconfig } from '../config/kubeconfig.ts';
import { issueCertificates } from '../pki/issue.ts';
import { freePorts } from '../system/free-port.ts';
import { requestHttps, type Identity } from '../system/https.ts';
import { poll } from '../system/poll.ts';
import { logTail, startChild, type Child, type ChildSpec } from './child.ts';
import { compactEtcd, type EtcdAccess, type EtcdUse, useOfEtcd } from './etcd.ts';
import { createNodes, kwokArguments, kwokConfiguration } from './kwok.ts';
import type { ControlPlane, ControlPlaneOptions } from './options.ts';

const readyMs = 90_000;

/**
 * Starts etcd, kube-apiserver and (unless told otherwise) kube-controller-manager on free ports of 127.0.0.1, as plain
 * processes that die with this one. Any number at once. No root needed. Resolves when the apiserver is ready.
 *
 * @throws Error with the end of the log of the component that failed.
 */
export async function startControlPlane(options: ControlPlaneOptions = {}): Promise<ControlPlane> {
  const programs = await obtainAll(
    neededPrograms(options),
    options.say ?? ((line) => process.stderr.write(`${line}\n`)),
  );
  const directory = options.directory ? resolve(options.directory) : mkdtempSync(join(tmpdir(), 'osmo-control-plane-'));
  const temporary = options.directory === undefined;
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const pki = join(directory, 'pki');
  await issueCertificates(pki, { apiserverAddresses: [firstAddress] });
  // Another process may take a port between our look and our start: then start anew with others.
  for (let attempt = 1; ; attempt++) {
    const plane = new RunningControlPlane(options, programs, directory, await freePorts(5), temporary);
    try {
      await plane.begin();
      return plane;
    } catch (error) {
      await plane.endAll();
      const portTaken = error instanceof Error && error.message.includes('address already in use');
      if (portTaken && attempt < 5) continue;
      if (temporary) rmSync(directory, { recursive: true, force: true });
      throw error;
    }
  }
}

const serviceCidr = '10.96.0.0/16';
const firstAddress = '10.96.0.1';

function neededPrograms(options: ControlPlaneOptions): ComponentName[] {
  return [
    'etcd',
    'kube-apiserver',
    ...(options.controllerManager === false ? [] : (['kube-controller-manager'] as const)),
    ...(options.scheduler || options.kwok ? (['kube-scheduler'] as const) : []),
    ...(options.kwok ? (['kwok'] as const) : []),
  ];
}

class RunningControlPlane implements ControlPlane {
  readonly url: string;
  readonly kubeconfigPath: string;
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
  readonly directory: string;
  readonly auditLog: string | undefined;
  readonly #options: ControlPlaneOptions;
  readonly #temporary: boolean;
  readonly #etcd: EtcdAccess;
  readonly #specs: ChildSpec[];
  readonly #children = new Map<string, Child>();

  constructor(
    options: ControlPlaneOptions,
    programs: Record<string, string>,
    directory: string,
    ports: number[],
    temporary: boolean,
  ) {
    const [clientPort = 0, peerPort = 0, port = 0, managerPort = 0, schedulerPort = 0] = ports;
    const pki = join(directory, 'pki');
    const pem = (file: string): string => readFileSync(join(pki, file), 'utf8');
    this.#options = options;
    this.#temporary = temporary;
    this.directory = directory;
    this.url = `https://127.0.0.1:${port}`;
    this.ca = pem('ca.crt');
    this.cert = pem('admin.crt');
    this.key = pem('admin.key');
    this.kubeconfigPath = join(directory, 'admin.kubeconfig');
    this.auditLog = options.audit ? join(directory, 'audit.log') : undefined;
    this.#etcd = {
      url: `https://127.0.0.1:${clientPort}`,
      identity: { ca: pem('etcd-ca.crt'), cert: pem('etcd-client.crt'), key: pem('etcd-client.key') },
    };
    const configs = ['admin', 'kube-controller-manager', 'kube-scheduler'].map((user) => {
      const file = join(directory, `${user}.kubeconfig`);
      const identity = { ca: this.ca, cert: pem(`${user}.crt`), key: pem(`${user}.key`) };
      writeFileSync(file, kubeconfig({ cluster: 'osmo', user, server: this.url, ...identity }), { mode: 0o600 });
      return file;
    });
    const [adminConfig = '', managerConfig = '', schedulerConfig = ''] = configs;
    const policyFile = join(directory, 'audit-policy.json');
    writeFileSync(policyFile, auditPolicy());
    const stages = join(directory, 'kwok.json');
    if (options.kwok) writeFileSync(stages, kwokConfiguration(options.kwok));
    const dataFolder = options.etcdDir ? resolve(options.etcdDir) : join(directory, 'etcd');
    const unsafeNoFsync = options.unsafeNoFsync ?? true;
    const argumentsOf: Record<string, string[]> = {
      etcd: [
        ...etcdArguments({ dataFolder, pki, clientPort, peerPort, unsafeNoFsync }),
        ...(options.extraArgs?.etcd ?? []),
      ],
      'kube-apiserver': [
        ...apiserverArguments({
          ...{ pki, etcdPort: clientPort, port, serviceCidr },
          bindAddress: '127.0.0.1',
          advertiseAddress: '127.0.0.1',
          withServiceAccounts: options.controllerManager !== false,
          ...(this.auditLog !== undefined && { audit: { policyFile, logFile: this.auditLog } }),
        }),
        // An endpoint on the loopback address is refused by the API; nothing runs in this cluster that would use it.
        '--endpoint-reconciler-type=none',
        ...(options.extraArgs?.apiserver ?? []),
      ],
      'kube-controller-manager': [
        ...controllerManagerArguments({ pki, kubeconfig: managerConfig, clusterName: 'osmo', port: managerPort }),
        // Simulated nodes send no heartbeats: they would only add writes to what is measured.
        ...(options.kwok ? ['--node-monitor-grace-period=24h'] : []),
        ...(options.extraArgs?.controllerManager ?? []),
      ],
      'kube-scheduler': [
        ...schedulerArguments({ kubeconfig: schedulerConfig, port: schedulerPort }),
        ...(options.extraArgs?.scheduler ?? []),
      ],
      kwok: [...kwokArguments({ kubeconfig: adminConfig, configuration: stages }), ...(options.extraArgs?.kwok ?? [])],
    };
    this.#specs = neededPrograms(options).map((name) => ({
      name,
      command: programs[name] ?? name,
      arguments: argumentsOf[name] ?? [],
      logFile: join(directory, `${name}.log`),
    }));
  }

  async begin(): Promise<void> {
    // All at once: each waits for what it needs, and the longest start-up (the apiserver's) overlaps with the others.
    for (const spec of this.#specs.slice(0, 2)) this.#start(spec);
    await this.#ready();
    for (const spec of this.#specs.slice(2)) this.#start(spec);
    if (this.#specs.some(({ name }) => name === 'kube-controller-manager')) await this.#defaultServiceAccount();
    if (this.#options.kwok) await createNodes(this.url, this.#identity(), this.#options.kwok);
  }

  pids(): Record<string, number> {
    return Object.fromEntries([...this.#children].map(([name, child]) => [name, child.pid]));
  }

  async restartApiserver(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    await this.stopComponent('kube-apiserver', signal);
    await this.startComponent('kube-apiserver');
  }

  async killEtcd(): Promise<void> {
    await this.stopComponent('etcd', 'SIGKILL');
    await this.startComponent('etcd');
  }

  async stopComponent(name: string, signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    await this.#children.get(this.#spec(name).name)?.end(signal);
  }

  async startComponent(name: string): Promise<void> {
    const spec = this.#spec(name);
    const running = this.#children.get(name);
    if (running && running.ended() === undefined) return;
    this.#start(spec);
    await this.#ready();
  }

  compact(): Promise<number> {
    return compactEtcd(this.#etcd);
  }

  use(): Promise<EtcdUse> {
    return useOfEtcd(this.#etcd);
  }

  async stop(): Promise<void> {
    await this.endAll();
    if (this.#temporary) rmSync(this.directory, { recursive: true, force: true });
  }

  /** Ends the processes, in the order that spares them error messages, and keeps the files. */
  async endAll(): Promise<void> {
    const children = [...this.#children.values()].toReversed();
    await Promise.all(children.map((child) => child.end('SIGKILL')));
  }

  #identity(): Identity {
    return { ca: this.ca, cert: this.cert, key: this.key };
  }

  #spec(name: string): ChildSpec {
    const spec = this.#specs.find((candidate) => candidate.name === name);
    const names = this.#specs.map((known) => known.name).join(', ');
    if (!spec) throw new Error(`no component ${JSON.stringify(name)} in this control plane; it has ${names}`);
    return spec;
  }

  #start(spec: ChildSpec): void {
    this.#children.set(spec.name, startChild(spec));
  }

  #failIfEnded(): void {
    for (const name of ['etcd', 'kube-apiserver']) {
      const child = this.#children.get(name);
      const ended = child?.ended();
      if (child && ended !== undefined) throw new Error(`${name} ended (${ended}):\n${logTail(child.spec.logFile)}`);
    }
  }

  async #ready(): Promise<void> {
    const probe = async (): Promise<true | undefined> => {
      const answer = await requestHttps(`${this.url}/readyz`, this.#identity(), { timeoutMs: 3000 });
      if (answer.status === 200) return true;
      throw new Error(`readyz: ${answer.status} ${answer.body.slice(0, 300)}`);
    };
    await poll('apiserver ready', probe, { timeoutMs: readyMs, giveUp: () => this.#failIfEnded() });
  }

  /** Pods can be made only once the controller-manager has made the service account they run as. */
  async #defaultServiceAccount(): Promise<void> {
    const url = `${this.url}/api/v1/namespaces/default/serviceaccounts/default`;
    const probe = async (): Promise<true | undefined> =>
      (await requestHttps(url, this.#identity())).status === 200 ? true : undefined;
    await poll('default service account', probe, { timeoutMs: readyMs, giveUp: () => this.#failIfEnded() });
  }
}
