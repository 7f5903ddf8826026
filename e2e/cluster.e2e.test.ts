import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { request } from 'node:https';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { componentFor } from '../hack/cluster/components/table.ts';
import { type ClusterHandle, downCluster, upCluster } from '../hack/cluster/index.ts';
import { cgroupSubtrees } from '../hack/cluster/node/cgroups.ts';
import { nodeComponents } from '../hack/cluster/node/commands.ts';
import { componentPid, pauseComponent, resumeComponent, signalComponent } from '../hack/cluster/node/control.ts';
import { layoutOf } from '../hack/cluster/node/layout.ts';
import { initPid } from '../hack/cluster/node/namespace.ts';
import { claimedAddresses } from '../hack/cluster/node/register.ts';
import { poll } from '../hack/cluster/system/poll.ts';
import { run } from '../hack/cluster/system/run.ts';

const minutes = 60_000;
const name = 'e2e-cluster';
const root = resolve(import.meta.dirname, '..');
const layout = layoutOf(root, name);
const options = { name, kind: 'local' as const, say: () => undefined };
const local = process.platform === 'linux' && process.getuid?.() === 0;

/** What of the host a cluster could leave something in. Other clusters on this machine come and go meanwhile: not theirs. */
async function hostState(own: number): Promise<Record<string, string[]>> {
  const foreign = (line: string): boolean => {
    const number = /\bosmo-(\d+)\b/.exec(line)?.[1] ?? /\b10\.201\.(\d+)\./.exec(line)?.[1];
    return number !== undefined && Number(number) !== own;
  };
  const lines = async (command: string, ...args: string[]): Promise<string[]> => {
    const text = (await run(command, args)).stdout;
    const kept = text.split('\n').filter((line) => !line.startsWith('#') && !foreign(line));
    return kept.map((line) => line.replace(/\[\d+:\d+\]/, '').trim()).filter(Boolean);
  };
  const links = (await lines('ip', '-brief', 'link')).map((line) => line.split(/[\s@]/)[0] ?? '');
  return {
    links: links.filter((link) => link === `osmo-${own}` || !/^(osmo-|veth|h)/.test(link)),
    routes: (await lines('ip', 'route')).filter((line) => line.includes(`osmo-${own}`) || !/via 10\.201\./.test(line)),
    rules: await lines('iptables-save'),
    mounts: readFileSync('/proc/self/mounts', 'utf8').split('\n'),
    cgroups: cgroups().filter((path) => !foreign(path)),
    processes: processesOf(layout.state),
  };
}

/** The folders at the top of every hierarchy. */
function cgroups(): string[] {
  const top = '/sys/fs/cgroup';
  const hierarchies = [top, ...readdirSync(top).map((entry) => join(top, entry))];
  const folders = hierarchies.filter((hierarchy) => existsSync(join(hierarchy, 'cgroup.procs')));
  return folders.flatMap((hierarchy) => readdirSync(hierarchy).map((entry) => join(hierarchy, entry)));
}

/** Command lines of processes that name the folder, in arguments or environment, or have something of it mounted. */
function processesOf(folder: string): string[] {
  const read = (pid: string, file: string): string => {
    try {
      return readFileSync(`/proc/${pid}/${file}`, 'utf8');
    } catch {
      return '';
    }
  };
  return readdirSync('/proc')
    .filter((pid) => /^\d+$/.test(pid) && Number(pid) !== process.pid)
    .filter((pid) => ['cmdline', 'environ', 'mountinfo'].some((file) => read(pid, file).includes(`${folder}/`)))
    .map((pid) => read(pid, 'cmdline').replaceAll('\0', ' '));
}

(local ? describe : describe.skip)('a local cluster', () => {
  let cluster: ClusterHandle;
  let before: Record<string, string[]>;
  let own: number;
  const kubectl = (args: string[], input?: string): Promise<string> =>
    run(cluster.kubectl, ['--kubeconfig', cluster.kubeconfig, ...args], { ...(input !== undefined && { input }) }).then(
      ({ stdout }) => stdout,
    );
  const get = async <T>(...args: string[]): Promise<T> =>
    JSON.parse(await kubectl(['get', ...args, '-o', 'json'])) as T;
  interface Pod {
    status: { phase: string; podIP?: string; containerStatuses?: { restartCount: number; containerID: string }[] };
  }
  interface Node {
    status: { conditions: { type: string; status: string; lastHeartbeatTime: string }[] };
  }
  const nodeReady = async (): Promise<boolean> => {
    const node = await get<Node>('node', `${name}-node`);
    return node.status.conditions.some(({ type, status }) => type === 'Ready' && status === 'True');
  };
  /** Runs a program in a pod of its own and gives its output once it has ended well. */
  const inPod = async (pod: string, image: string, command: string[]): Promise<string> => {
    const spec = {
      restartPolicy: 'Never',
      containers: [{ name: 'main', image, command, imagePullPolicy: 'IfNotPresent' }],
    };
    await kubectl(
      ['apply', '-f', '-'],
      JSON.stringify({ apiVersion: 'v1', kind: 'Pod', metadata: { name: pod }, spec }),
    );
    const phase = await poll(
      `end of pod ${pod}`,
      async () => {
        const { status } = await get<Pod>('pod', pod);
        return ['Succeeded', 'Failed'].includes(status.phase) ? status.phase : undefined;
      },
      { timeoutMs: 3 * minutes, intervalMs: 300 },
    );
    const output = await kubectl(['logs', pod]);
    await kubectl(['delete', 'pod', pod, '--wait=false']);
    if (phase !== 'Succeeded') throw new Error(`pod ${pod} ended as ${phase}: ${output}`);
    return output;
  };

  beforeAll(async () => {
    await downCluster(options);
    // Its number is known only once it is up; with none, nothing is ours.
    before = await hostState(-1);
    cluster = await upCluster(options);
    own = claimedAddresses(layout)?.index ?? -1;
  }, 20 * minutes);
  afterAll(async () => downCluster(options), 6 * minutes);

  test('has one Ready node of the pinned version', async () => {
    expect(await nodeReady()).toBe(true);
    expect((await kubectl(['get', 'nodes', '--no-headers'])).trim().split(/\s+/)).toEqual(
      expect.arrayContaining([`${name}-node`, 'Ready', componentFor('kubelet', process.env).version]),
    );
  });

  test.each([['6443'], ['10250']])('lets nobody in on port %s without credentials', async (port) => {
    const { status } = await fetchInsecure(`https://${claimedAddresses(layout)?.nodeAddress}:${port}/pods`);
    expect(status).toBe(401);
  });

  test('does not let the kubelet touch what is not its own', async () => {
    const kubelet = join(layout.config, 'kubelet.kubeconfig');
    const can = (...args: string[]): Promise<string> =>
      run(cluster.kubectl, ['--kubeconfig', kubelet, 'auth', 'can-i', ...args], { allowFailure: true }).then((r) =>
        r.stdout.trim(),
      );
    expect(await can('get', 'secrets', '-A')).toMatch(/^no\b/);
    expect(await can('create', 'deployments')).toMatch(/^no\b/);
    expect(await can('create', 'pods')).toBe('yes');
  });

  test(
    'runs the usual images under their usual names',
    async () => {
      expect(await inPod('bb', 'busybox', ['sh', '-c', 'echo $((6 * 7))'])).toBe('42\n');
      expect(await inPod('ub', 'ubuntu:22.04', ['bash', '-c', 'echo $BASH_VERSION'])).toMatch(/^5\./);
      expect(await inPod('py', 'python:3.11-slim', ['python', '-c', 'import ssl, sqlite3; print("py")'])).toBe('py\n');
    },
    12 * minutes,
  );

  test(
    'serves a pod by the name of its Service, to pods and to this host',
    async () => {
      const labels = { app: 'web' };
      const web = {
        apiVersion: 'v1',
        kind: 'List',
        items: [
          {
            apiVersion: 'v1',
            kind: 'Pod',
            metadata: { name: 'web', labels },
            spec: {
              containers: [
                {
                  name: 'main',
                  image: 'python:3.11-slim',
                  command: [
                    'sh',
                    '-c',
                    'mkdir /www; echo from-web > /www/index.html; exec python -m http.server 8000 -d /www',
                  ],
                  readinessProbe: { httpGet: { port: 8000 }, periodSeconds: 1 },
                },
              ],
            },
          },
          {
            apiVersion: 'v1',
            kind: 'Service',
            metadata: { name: 'web' },
            spec: { selector: labels, ports: [{ port: 80, targetPort: 8000 }] },
          },
        ],
      };
      await kubectl(['apply', '-f', '-'], JSON.stringify(web));
      await kubectl(['wait', '--for=condition=Ready', 'pod/web', '--timeout=180s']);
      for (const host of ['web', 'web.default', 'web.default.svc.cluster.local']) {
        // A Service leads to a Ready pod only once kube-proxy has heard of it.
        const script = [
          'import time, urllib.request',
          'for _ in range(120):',
          '  try:',
          `    print(urllib.request.urlopen("http://${host}/", timeout=5).read().decode()); break`,
          '  except OSError as error: last = error; time.sleep(1)',
          'else: raise last',
        ].join('\n');
        expect((await inPod(`ask-${host.length}`, 'python:3.11-slim', ['python', '-c', script])).trim()).toBe(
          'from-web',
        );
      }
      const service = await get<{ spec: { clusterIP: string } }>('service', 'web');
      expect(await (await fetch(`http://${service.spec.clusterIP}/`)).text()).toBe('from-web\n');
      expect(await kubectl(['exec', 'web', '--', 'cat', '/www/index.html'])).toBe('from-web\n');
    },
    12 * minutes,
  );

  test(
    'says at once that a name outside does not exist',
    async () => {
      const script = [
        'import socket, time',
        'start = time.monotonic()',
        'try: socket.getaddrinfo("outside.example.com", 80)',
        'except socket.gaierror as error: print(error.errno == socket.EAI_NONAME, time.monotonic() - start < 30)',
      ];
      expect(await inPod('outside', 'python:3.11-slim', ['python', '-c', script.join('\n')])).toBe('True True\n');
    },
    6 * minutes,
  );

  test.each(nodeComponents.map((component) => [component]))(
    'starts %s again when it is killed',
    async (component) => {
      const container = async (): Promise<unknown> => (await get<Pod>('pod', 'web')).status.containerStatuses;
      const was = { pid: componentPid(layout, component), container: await container() };
      expect(await signalComponent(layout, component, 'KILL')).toBe(true);
      await poll(
        `${component} back`,
        async () => {
          const pid = componentPid(layout, component);
          return pid !== undefined && pid !== was.pid ? true : undefined;
        },
        { timeoutMs: 3 * minutes },
      );
      // It works again: the API answers, the node is Ready, and a new pod runs, while the old one never noticed.
      await poll('a Ready node', async () => ((await nodeReady()) ? true : undefined), { timeoutMs: 4 * minutes });
      await poll(
        'the default service account',
        async () => ((await kubectl(['get', 'serviceaccount', 'default', '-o', 'name'])) ? true : undefined),
        { timeoutMs: 3 * minutes },
      );
      expect(await inPod(`after-${component}`, 'busybox', ['echo', 'works'])).toBe('works\n');
      expect(await container()).toEqual(was.container);
    },
    12 * minutes,
  );

  test(
    'keeps a paused component down until it is resumed',
    async () => {
      await pauseComponent(layout, 'kube-scheduler');
      await poll(
        'the end of the scheduler',
        async () => (componentPid(layout, 'kube-scheduler') === undefined ? true : undefined),
        {
          timeoutMs: 3 * minutes,
        },
      );
      await kubectl([
        'run',
        'waiting',
        '--image=busybox',
        '--image-pull-policy=IfNotPresent',
        '--restart=Never',
        '--',
        'true',
      ]);
      expect((await get<Pod>('pod', 'waiting')).status.phase).toBe('Pending');
      resumeComponent(layout, 'kube-scheduler');
      await kubectl(['wait', '--for=jsonpath={.status.phase}=Succeeded', 'pod/waiting', '--timeout=180s']);
    },
    12 * minutes,
  );

  test(
    'finds that all is well, and leaves it alone',
    async () => {
      const pids = () => nodeComponents.map((component) => componentPid(layout, component));
      const running = pids();
      await upCluster(options);
      expect(pids()).toEqual(running);
    },
    12 * minutes,
  );

  test(
    'comes back with its state when the whole node died',
    async () => {
      await kubectl(['create', 'configmap', 'kept', '--from-literal=a=b']);
      const pid = initPid(layout);
      process.kill(pid ?? 0, 'SIGKILL');
      await poll('the end of the node', async () => (existsSync(`/proc/${pid}`) ? undefined : true), {
        timeoutMs: 3 * minutes,
      });
      cluster = await upCluster(options);
      expect(await kubectl(['get', 'configmap', 'kept', '-o', 'jsonpath={.data.a}'])).toBe('b');
      expect(await inPod('reborn', 'busybox', ['echo', 'works'])).toBe('works\n');
    },
    12 * minutes,
  );

  test(
    'leaves nothing on the host when it is removed',
    async () => {
      // Containers' cgroups lie in the cluster's subtree.
      const subtrees = cgroupSubtrees(`osmo-${own}`);
      expect(subtrees.some((folder) => existsSync(join(folder, 'k8s.io')))).toBe(true);
      expect((await hostState(own)).cgroups).toEqual(expect.arrayContaining(subtrees));
      expect((await hostState(own)).processes).not.toEqual([]);
      await downCluster(options);
      expect({ ...(await hostState(own)) }).toEqual(before);
      expect(existsSync(layout.state)).toBe(false);
      expect(existsSync(join(layout.state, '..', `.${name}.lock`))).toBe(false);
      expect(claimedAddresses(layout)).toBeUndefined();
      await downCluster(options);
    },
    6 * minutes,
  );

  test(
    'is finished by the next start when one was killed at any point',
    async () => {
      for (const milliseconds of [300, 1200, 3000]) {
        const child = spawn(process.execPath, [join(root, 'hack/cluster/cli.ts'), 'up'], {
          stdio: 'ignore',
          env: { ...process.env, CLUSTER: 'local', CLUSTER_NAME: name },
        });
        const ended = new Promise((done) => child.once('exit', done));
        setTimeout(() => child.kill('SIGKILL'), milliseconds);
        await ended;
      }
      cluster = await upCluster(options);
      expect(await nodeReady()).toBe(true);
      expect(await inPod('finished', 'busybox', ['nslookup', 'kubernetes.default.svc.cluster.local'])).toContain('10.');
      await downCluster(options);
      expect({ ...(await hostState(own)) }).toEqual(before);
    },
    15 * minutes,
  );
});

/** A request without any credentials, to a server whose certificate is not checked. */
function fetchInsecure(url: string): Promise<{ status: number }> {
  return new Promise((done, failed) => {
    const sent = request(url, { rejectUnauthorized: false, agent: false, timeout: 5000 }, (response) => {
      response.resume();
      done({ status: response.statusCode ?? 0 });
    });
    sent.on('error', failed);
    sent.end();
  });
}
