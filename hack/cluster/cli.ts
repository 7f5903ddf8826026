/**
 * Local Kubernetes clusters from the command line; see docs/local-cluster.md.
 */
import { spawn } from 'node:child_process';
import { downCluster, loadImage, resolveOptions, upCluster } from './cluster.ts';
import { startControlPlane } from './control-plane/start.ts';
import { statusKind } from './kind.ts';
import { statusLocal } from './local.ts';
import { nodeComponent, pauseComponent, resumeComponent, signalComponent } from './node/control.ts';
import { enterArguments, initPid } from './node/namespace.ts';

const usage = `usage: node hack/cluster/cli.ts COMMAND
  up [--control-plane-only]        bring the cluster up, or mend it
  down                             remove it and every trace of it
  status                           what of it is running
  load-image FILE                  make the images of a docker-archive available to pods
  exec -- COMMAND [ARGUMENT…]      run a program inside the node's namespaces
  kill COMPONENT [--signal KILL]   end a component; it starts again after a second
  pause COMPONENT                  end a component and keep it down
  resume COMPONENT                 let it start again
environment: CLUSTER=local|kind|current, CLUSTER_NAME (osmo), OSMO_CACHE_DIR`;

const started = performance.now();
const say = (line: string): void => {
  process.stdout.write(`[${((performance.now() - started) / 1000).toFixed(1).padStart(5)}s] ${line}\n`);
};

async function main([command, ...rest]: string[]): Promise<number> {
  switch (command) {
    case 'up':
      return rest.includes('--control-plane-only') ? controlPlaneOnly() : up();
    case 'down':
      await downCluster({ say });
      return 0;
    case 'status':
      return status();
    case 'load-image':
      await loadImage({ say }, argument(rest, 'FILE'));
      return 0;
    case 'exec':
      return enter(rest[0] === '--' ? rest.slice(1) : rest);
    case 'kill':
    case 'pause':
    case 'resume':
      return control(command, rest);
    case undefined:
    default:
      process.stderr.write(`${usage}\n`);
      return command === 'help' || command === '--help' ? 0 : 2;
  }
}

function argument(rest: string[], name: string): string {
  const [value] = rest;
  if (value === undefined) throw new RangeError(`${name} is missing\n${usage}`);
  return value;
}

async function up(): Promise<number> {
  const handle = await upCluster({ say });
  say(`cluster ${handle.name} (${handle.kind}) is ready. To use it:`);
  process.stdout.write(`    . ${handle.environmentFile}\n    kubectl get pods -A\n`);
  return 0;
}

async function controlPlaneOnly(): Promise<number> {
  const plane = await startControlPlane({ say });
  say('etcd, kube-apiserver and kube-controller-manager run until this process ends (Ctrl-C):');
  process.stdout.write(`    export KUBECONFIG=${plane.kubeconfigPath}\n`);
  await new Promise<void>((done) => {
    const alive = setInterval(() => undefined, 60_000);
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => (clearInterval(alive), done()));
  });
  await plane.stop();
  return 0;
}

async function status(): Promise<number> {
  const { kind, layout } = await resolveOptions({ say });
  if (kind === 'kind') {
    const state = await statusKind(layout);
    process.stdout.write(`cluster ${layout.name}: its kind node is ${state}\n`);
    return state === 'running' ? 0 : 1;
  }
  if (kind !== 'local') {
    process.stdout.write(`cluster ${layout.name} is of kind ${kind}: ask kubectl\n`);
    return 0;
  }
  const found = await statusLocal(layout);
  process.stdout.write(
    `cluster ${layout.name}: ${found.running ? 'running' : 'not running'}, apiserver ${found.apiserver}\n`,
  );
  for (const { name, state, pid } of found.components) {
    process.stdout.write(`  ${name.padEnd(24)} ${state}${pid === undefined ? '' : ` (pid ${pid} in the node)`}\n`);
  }
  return found.running && found.apiserver === 'ready' && found.components.every(({ state }) => state === 'running')
    ? 0
    : 1;
}

async function enter(command: string[]): Promise<number> {
  argument(command, 'COMMAND');
  const { layout } = await resolveOptions({ kind: 'local', say });
  const pid = initPid(layout);
  if (pid === undefined) throw new Error(`cluster ${layout.name} is not running; start it with "up"`);
  const child = spawn('nsenter', [...enterArguments(pid), ...command], { stdio: 'inherit' });
  return new Promise((done, failed) => {
    child.once('error', failed);
    child.once('exit', (code) => done(code ?? 1));
  });
}

async function control(command: 'kill' | 'pause' | 'resume', rest: string[]): Promise<number> {
  const component = nodeComponent(argument(rest, 'COMPONENT'));
  const { layout } = await resolveOptions({ kind: 'local', say });
  const at = rest.indexOf('--signal');
  const signal = at === -1 ? 'KILL' : argument(rest.slice(at + 1), '--signal NAME');
  if (command === 'pause') await pauseComponent(layout, component);
  else if (command === 'resume') resumeComponent(layout, component);
  else if (!(await signalComponent(layout, component, signal))) throw new Error(`${component} is down`);
  return 0;
}

main(process.argv.slice(2)).then(
  (code) => (process.exitCode = code),
  (error: unknown) => {
    process.stderr.write(`error: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  },
);
