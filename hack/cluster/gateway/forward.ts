/**
 * Makes the gateway of a cluster answer on 127.0.0.1, through port-forwards of its apiserver, until its state file is gone or
 * names another process. Pods may come and go meanwhile.
 *
 *     node hack/cluster/gateway/forward.ts KUBECONFIG NAMESPACE PORT STATE_FILE
 */
import { existsSync, readFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { pipeline } from 'node:stream/promises';
import {
  createClient,
  forwardPort,
  type Informer,
  loadAccess,
  newInformer,
  Pod,
  silentLogger,
  systemClock as clock,
} from '@osmo/kube';

const [kubeconfig = '', namespace = '', port = '', stateFile = ''] = process.argv.slice(2);
/** Port of the program in its pod. */
const gatewayPort = 8000;

const access = await loadAccess({ kubeconfig, clock, env: {} });
const client = createClient({ access, userAgent: 'osmo-gateway-forward' });
const pods: Informer<Pod> = newInformer({
  client,
  type: Pod,
  namespace,
  labelSelector: 'app.kubernetes.io/component=api-gateway',
  clock,
  logger: silentLogger,
});
pods.start(new AbortController().signal);

function readyPod(): Pod | undefined {
  const isReady = ({ metadata, status }: Pod): boolean =>
    metadata.deletionTimestamp === undefined &&
    status?.conditions?.some(({ type, status: value }) => type === 'Ready' && value === 'True') === true;
  const ready = pods.list().filter(isReady);
  return ready[Math.floor(Math.random() * ready.length)];
}

async function connect(socket: Socket): Promise<void> {
  socket.on('error', () => undefined);
  try {
    const pod = readyPod();
    if (pod === undefined) throw new Error('no pod of the gateway is ready');
    const stream = await forwardPort({ name: pod.metadata.name, namespace }, gatewayPort, { access, clock });
    await Promise.all([pipeline(socket, stream), pipeline(stream, socket)]);
  } catch {
    // Whoever calls sees a broken connection, as from any server that is gone.
    socket.destroy();
  }
}

const server = createServer({ allowHalfOpen: false, noDelay: true }, (socket) => void connect(socket));
server.listen(Number(port), '127.0.0.1');
server.on('error', (error) => {
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
});
setInterval(() => {
  const isOurs = existsSync(stateFile) && readFileSync(stateFile, 'utf8').startsWith(`${process.pid} `);
  if (!isOurs) process.exit(0);
}, 500);
