import { chmodSync, cpSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { obtainAll } from '../cluster/components/obtain.ts';
import { components, kubernetesVersion } from '../cluster/components/table.ts';
import { cniConfiguration } from '../cluster/config/containerd.ts';
import { cacheFolder } from '../cluster/system/cache.ts';
import { withLock } from '../cluster/system/lock.ts';
import { run } from '../cluster/system/run.ts';
import { bootstrap } from './base-layers.ts';
import { type ImageLayer, type ImageSpec, layerOf, writeImage } from './image-archive.ts';
import type { ImageArchive } from './node-images.ts';
import { pauseProgram } from './pause.ts';

type Say = (line: string) => void;

/** Name of the node image that is made here. */
export const ownKindNodeImage = `osmo.local/kind-node:${kubernetesVersion}`;

/** Changes when the recipe below does, so that an old cache is not used. */
const recipe = '1';
const packages = [
  ...[
    'systemd',
    'systemd-sysv',
    'dbus',
    'mount',
    'kmod',
    'procps',
    'ca-certificates',
    'curl',
    'jq',
    'pigz',
    'e2fsprogs',
  ],
  ...['conntrack', 'iptables', 'nftables', 'iproute2', 'ethtool', 'libseccomp2'],
  ...['containerd', 'runc', 'containernetworking-plugins'],
];
const controlPlane = ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler'] as const;

/**
 * A node image for kind of our own programs, Debian 12's packages and the files of kind's base image (from its Go module), for
 * machines whose Docker reaches no registry. Pods are on a bridge instead of kind's own network plug-in, and there is no
 * provisioner of volumes. Made once (a few minutes, as root), then from the cache.
 *
 * @throws Error saying what is missing: root, debootstrap, the mirror, Go.
 */
export async function kindNodeArchive(say: Say): Promise<ImageArchive> {
  const folder = join(cacheFolder(process.env), 'images');
  const file = join(folder, `kind-node-${kubernetesVersion}-${recipe}.tar`);
  mkdirSync(folder, { recursive: true });
  await withLock(`${file}.lock`, async () => {
    if (existsSync(file)) return;
    if (process.platform !== 'linux' || process.arch !== 'x64' || process.getuid?.() !== 0) {
      throw new Error('kind: a node image is only made on Linux, x64, as root; name another one in KIND_NODE_IMAGE');
    }
    const work = join(folder, '.kind-node');
    // What an interrupted process left; the lock says that none is at it now.
    rmSync(work, { recursive: true, force: true });
    mkdirSync(work);
    try {
      await make(work, file, say);
    } finally {
      rmSync(work, { recursive: true, force: true });
    }
  });
  return { file, names: [ownKindNodeImage] };
}

async function make(work: string, file: string, say: Say): Promise<void> {
  const programs = await obtainAll(
    ['kubeadm', 'kubelet', 'kubectl', ...controlPlane, 'kube-proxy', 'etcd', 'coredns'],
    say,
  );
  const program = (name: string): string => programs[name] ?? name;
  const tree = join(work, 'node');
  say('kind: making a node image with debootstrap (a few minutes, once a machine)');
  await bootstrap(tree, work, packages);
  const sandboxImage = await kindFiles(tree);
  for (const name of ['kubeadm', 'kubelet', 'kubectl']) install(program(name), join(tree, 'usr/bin', name));
  writeFileSync(join(tree, 'kind/version'), kubernetesVersion);
  mkdirSync(join(tree, 'etc/cni/net.d'), { recursive: true });
  // kind's default for pods is 10.244.0.0/16.
  writeFileSync(join(tree, 'etc/cni/net.d/10-pods.conflist'), cniConfiguration('10.244.0.0/24'));
  const { stdout } = await run(program('kubeadm'), [
    ...['config', 'images', 'list', '--kubernetes-version', kubernetesVersion],
  ]);
  const wanted = stdout.trim().split('\n');
  const images = join(tree, 'kind/images.tar');
  await writeImage(images, await nodeImages(work, tree, [...wanted, sandboxImage], program));
  say('kind: packing the node image');
  const layer = await layerOf(tree, join(work, 'node.tar'), { keepMetadata: true });
  await writeImage(file, [
    {
      names: [ownKindNodeImage],
      layers: [layer],
      config: {
        entrypoint: ['/usr/local/bin/entrypoint', '/sbin/init'],
        environment: { container: 'docker' },
        // TERM makes systemd start itself anew.
        stopSignal: 'SIGRTMIN+3',
      },
    },
  ]);
}

/**
 * What kind's Dockerfile of its base image does to Debian.
 *
 * @returns the name of the image that containerd has for sandboxes
 */
async function kindFiles(tree: string): Promise<string> {
  const module = join(import.meta.dirname, '../components', components.kind.module);
  const { stdout } = await run('go', ['mod', 'download', '-json', 'sigs.k8s.io/kind'], { cwd: module });
  const files = join((JSON.parse(stdout) as { Dir: string }).Dir, 'images/base/files');
  for (const folder of ['etc', 'kind', 'usr']) {
    cpSync(join(files, folder), join(tree, folder), { recursive: true, verbatimSymlinks: true });
  }
  // Modules in Go's cache are read-only, and know no programs.
  await run('chmod', ['-R', 'u+w,a+rX', ...['etc', 'kind', 'usr/local'].map((path) => join(tree, path))]);
  await run('sh', ['-c', 'chmod 0755 usr/local/bin/* kind/bin/*'], { cwd: tree });
  const units = join(tree, 'etc/systemd/system');
  const wants = join(units, 'multi-user.target.wants');
  await run('sh', ['-c', 'rm -rf etc/systemd/system/*.wants lib/systemd/system/multi-user.target.wants/*'], {
    cwd: tree,
  });
  mkdirSync(wants, { recursive: true });
  writeFileSync(join(units, 'images.service'), imagesUnit);
  for (const unit of ['containerd', 'kubelet', 'undo-mount-hacks', 'images']) {
    symlinkSync(`/etc/systemd/system/${unit}.service`, join(wants, `${unit}.service`));
  }
  symlinkSync('/dev/null', join(units, 'systemd-binfmt.service'));
  for (const name of ['containerd', 'ctr', 'containerd-shim-runc-v2']) {
    symlinkSync(`/usr/bin/${name}`, join(tree, 'usr/local/bin', name));
  }
  mkdirSync(join(tree, 'opt/cni'), { recursive: true });
  symlinkSync('/usr/lib/cni', join(tree, 'opt/cni/bin'));
  for (const folder of ['etc/kubernetes/manifests', 'kind/manifests'])
    mkdirSync(join(tree, folder), { recursive: true });
  for (const [name, manifest] of Object.entries(manifests)) {
    writeFileSync(join(tree, 'kind/manifests', name), JSON.stringify(manifest));
  }
  // Where Docker's own root has no CAP_SYS_RESOURCE, as in a container, nobody may lower a score of the OOM killer.
  rewrite(join(units, 'containerd.service'), /^OOMScoreAdjust=.*\n/m, '');
  const configuration = join(tree, 'etc/containerd/config.toml');
  rewrite(configuration, 'restrict_oom_score_adj = false', 'restrict_oom_score_adj = true');
  const spec = JSON.parse((await run('chroot', [tree, 'ctr', 'oci', 'spec'])).stdout) as {
    process: { rlimits?: unknown };
  };
  delete spec.process.rlimits;
  const hooks = { createContainer: [{ path: '/kind/bin/mount-product-files.sh' }] };
  writeFileSync(join(tree, 'etc/containerd/cri-base.json'), JSON.stringify({ ...spec, hooks }));
  return /sandbox_image = "([^"]+)"/.exec(readFileSync(configuration, 'utf8'))?.[1] ?? '';
}

/** The images are brought to containerd when the node starts first: it keeps them in a volume, which an image can't have filled. */
const imagesUnit = `[Unit]
Description=Images of the control plane
Requires=containerd.service
After=containerd.service
Before=kubelet.service
ConditionPathExists=!/var/lib/containerd/imported

[Service]
Type=oneshot
ExecStart=/usr/bin/ctr --namespace=k8s.io images import --digests /kind/images.tar
ExecStartPost=/usr/bin/touch /var/lib/containerd/imported

[Install]
WantedBy=multi-user.target
`;

/** What kind applies for network and volumes. */
const manifests = {
  'default-cni.yaml': {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'pod-network', namespace: 'kube-system' },
    data: { configuration: 'a bridge; /etc/cni/net.d of the node' },
  },
  'default-storage.yaml': {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: { name: 'standard', annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } },
    provisioner: 'kubernetes.io/host-path',
  },
};

/** The images that kubeadm asks for, under the names that it asks for, each with one program. */
async function nodeImages(
  work: string,
  node: string,
  wanted: readonly string[],
  program: (name: string) => string,
): Promise<ImageSpec[]> {
  const images: ImageSpec[] = [];
  for (const name of new Set(wanted.map((image) => basename(image).replace(/:.*/, '')))) {
    const tree = join(work, `image-${name}`);
    // kubeadm calls them without a path, but for these two.
    const path = name === 'pause' ? '/pause' : name === 'coredns' ? '/coredns' : `/usr/local/bin/${name}`;
    mkdirSync(join(tree, 'tmp'), { recursive: true });
    chmodSync(join(tree, 'tmp'), 0o1777);
    if (name === 'pause') writeFileSync(join(tree, 'pause'), pauseProgram(process.arch), { mode: 0o755 });
    else install(program(name), join(tree, path));
    if (name === 'kube-proxy') await networkTools(node, tree);
    const layer: ImageLayer = await layerOf(tree, join(work, `${name}.tar`));
    images.push({
      names: wanted.filter((image) => basename(image).startsWith(`${name}:`)),
      layers: [layer],
      config: {
        entrypoint: [path],
        environment: { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' },
        ...(name === 'pause' && { user: '65535:65535' }),
      },
    });
  }
  return images;
}

/** iptables, nft and conntrack with their libraries, as the node has them. */
async function networkTools(node: string, tree: string): Promise<void> {
  const tools = ['xtables-nft-multi', 'xtables-legacy-multi', 'nft', 'conntrack'].map((tool) => `/usr/sbin/${tool}`);
  const { stdout } = await run('chroot', [node, 'ldd', ...tools]);
  const libraries = new Set([...stdout.matchAll(/(\/\S+\.so\S*)/g)].map(([, path = '']) => path));
  const plugins = '/usr/lib/x86_64-linux-gnu/xtables';
  for (const path of [...tools, ...libraries]) {
    mkdirSync(dirname(join(tree, path)), { recursive: true });
    cpSync(join(node, path), join(tree, path), { recursive: true, dereference: true });
  }
  // Half of them are links to one another.
  mkdirSync(dirname(join(tree, plugins)), { recursive: true });
  cpSync(join(node, plugins), join(tree, plugins), { recursive: true, verbatimSymlinks: true });
  for (const name of ['iptables', 'ip6tables'].flatMap((one) => [one, `${one}-save`, `${one}-restore`])) {
    symlinkSync('xtables-nft-multi', join(tree, 'usr/sbin', name));
  }
}

function install(from: string, to: string): void {
  mkdirSync(dirname(to), { recursive: true });
  cpSync(from, to, { dereference: true });
  chmodSync(to, 0o755);
}

function rewrite(file: string, from: RegExp | string, to: string): void {
  writeFileSync(file, readFileSync(file, 'utf8').replace(from, to));
}
