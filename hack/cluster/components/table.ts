/** Where an official release of a component is found, relative to its base URL. */
export interface Release {
  /** Path of the file below the base URL. */
  path: string;
  /** Path of the published checksum file (`<hex>` or lines of `<hex>  <file>`). */
  checksumPath: string;
  /** Path of the program inside the file when that is a gzipped tar. */
  member?: string;
}

/** One program that a cluster is made of. */
export interface Component {
  name: string;
  /** With a leading `v`; part of the name in the cache. */
  version: string;
  /** Folder below `hack/components` whose go.mod pins it. */
  module: string;
  /** Go package to build. */
  package: string;
  ldflags: string;
  /** Arguments that make it print its version. */
  versionArguments: string[];
  /** It goes into an image without libraries: one on PATH, of whatever make, will not do. */
  mustBeStatic?: true;
  /** Environment variable that replaces `baseUrl`, for mirrors. */
  baseUrlVariable: string;
  baseUrl: string;
  release: (os: string, architecture: string) => Release;
}

export type ComponentName =
  | 'etcd'
  | 'kube-apiserver'
  | 'kube-controller-manager'
  | 'kube-scheduler'
  | 'kubelet'
  | 'kube-proxy'
  | 'kubectl'
  | 'kubeadm'
  | 'coredns'
  | 'helm'
  | 'kwok'
  | 'kind'
  | 'versitygw'
  | 'fake-gcs-server';

export const kubernetesVersion = 'v1.36.3';

/** Versions by what `KUBERNETES` says: the newest is the default, the oldest is the oldest that OSMO runs on. */
const kubernetesReleases = {
  newest: { version: kubernetesVersion, module: 'kubernetes' },
  // Of 1.30, one whose modules are all published, with checksums.
  oldest: { version: 'v1.30.4', module: 'kubernetes-oldest' },
} as const;

/**
 * The node image for the same minor release that the notes of kind's pinned release name: kind supports only those, by their
 * digests, and makes none of most patch releases.
 */
export const kindNodeImage =
  'kindest/node:v1.36.4@sha256:099e049362a1526b2db71494e1947aae99bd16290d7c895f2b7ea312e3cbfaed';

/** Without these, the apiserver reports v0.0.0 and clients misbehave. */
function kubernetesLinkFlags(version: string): string {
  const [major = '', minor = ''] = version.slice(1).split('.');
  const setting = (path: string, value: string): string => `-X ${path}=${value}`;
  return [
    '-s -w',
    setting('k8s.io/component-base/version.gitVersion', version),
    setting('k8s.io/component-base/version.gitMajor', major),
    setting('k8s.io/component-base/version.gitMinor', minor),
    setting('k8s.io/client-go/pkg/version.gitVersion', version),
    setting('k8s.io/client-go/pkg/version.gitMajor', major),
    setting('k8s.io/client-go/pkg/version.gitMinor', minor),
  ].join(' ');
}

/** Of those that have a command for it. */
const versionArguments: Partial<Record<ComponentName, string[]>> = {
  kubectl: ['version', '--client'],
  kubeadm: ['version', '--output', 'short'],
};

function kubernetes(
  name: ComponentName,
  { version, module }: { version: string; module: string } = kubernetesReleases.newest,
): Component {
  return {
    name,
    version,
    module,
    package: `k8s.io/kubernetes/cmd/${name}`,
    ldflags: kubernetesLinkFlags(version),
    versionArguments: versionArguments[name] ?? ['--version'],
    baseUrlVariable: 'KUBERNETES_RELEASE_URL',
    baseUrl: 'https://dl.k8s.io',
    release: (os, architecture) => {
      const path = `/release/${version}/bin/${os}/${architecture}/${name}`;
      return { path, checksumPath: `${path}.sha256` };
    },
  };
}

/** Every component by name, with its pinned version. */
export const components: Record<ComponentName, Component> = {
  'kube-apiserver': kubernetes('kube-apiserver'),
  'kube-controller-manager': kubernetes('kube-controller-manager'),
  'kube-scheduler': kubernetes('kube-scheduler'),
  kubelet: kubernetes('kubelet'),
  'kube-proxy': kubernetes('kube-proxy'),
  kubectl: kubernetes('kubectl'),
  kubeadm: kubernetes('kubeadm'),
  etcd: {
    name: 'etcd',
    version: 'v3.7.3',
    module: 'etcd',
    package: 'go.etcd.io/etcd/server/v3',
    ldflags: '-s -w',
    versionArguments: ['--version'],
    baseUrlVariable: 'ETCD_RELEASE_URL',
    baseUrl: 'https://github.com/etcd-io/etcd/releases/download',
    release: (os, architecture) => ({
      path: `/v3.7.3/etcd-v3.7.3-${os}-${architecture}.tar.gz`,
      checksumPath: '/v3.7.3/SHA256SUMS',
      member: `etcd-v3.7.3-${os}-${architecture}/etcd`,
    }),
  },
  coredns: {
    name: 'coredns',
    version: 'v1.15.0',
    module: 'coredns',
    package: 'github.com/coredns/coredns',
    mustBeStatic: true,
    ldflags: '-s -w',
    versionArguments: ['-version'],
    baseUrlVariable: 'COREDNS_RELEASE_URL',
    baseUrl: 'https://github.com/coredns/coredns/releases/download',
    release: (os, architecture) => ({
      path: `/v1.15.0/coredns_1.15.0_${os}_${architecture}.tgz`,
      checksumPath: `/v1.15.0/coredns_1.15.0_${os}_${architecture}.tgz.sha256`,
      member: 'coredns',
    }),
  },
  helm: {
    name: 'helm',
    version: 'v3.22.0',
    module: 'helm',
    package: 'helm.sh/helm/v3/cmd/helm',
    ldflags: '-s -w -X helm.sh/helm/v3/internal/version.version=v3.22.0',
    versionArguments: ['version', '--short'],
    baseUrlVariable: 'HELM_RELEASE_URL',
    baseUrl: 'https://get.helm.sh',
    release: (os, architecture) => ({
      path: `/helm-v3.22.0-${os}-${architecture}.tar.gz`,
      checksumPath: `/helm-v3.22.0-${os}-${architecture}.tar.gz.sha256sum`,
      member: `${os}-${architecture}/helm`,
    }),
  },
  kwok: {
    name: 'kwok',
    version: 'v0.8.0',
    module: 'kwok',
    package: 'sigs.k8s.io/kwok/cmd/kwok',
    ldflags: '-s -w',
    versionArguments: ['--version'],
    baseUrlVariable: 'KWOK_RELEASE_URL',
    baseUrl: 'https://github.com/kubernetes-sigs/kwok/releases/download',
    release: (os, architecture) => ({
      path: `/v0.8.0/kwok-${os}-${architecture}`,
      checksumPath: `/v0.8.0/kwok-${os}-${architecture}.sha256`,
    }),
  },
  kind: {
    name: 'kind',
    version: 'v0.33.0',
    module: 'kind',
    package: 'sigs.k8s.io/kind',
    ldflags: '-s -w',
    versionArguments: ['version'],
    baseUrlVariable: 'KIND_RELEASE_URL',
    baseUrl: 'https://github.com/kubernetes-sigs/kind/releases/download',
    release: (os, architecture) => ({
      path: `/v0.33.0/kind-${os}-${architecture}`,
      checksumPath: `/v0.33.0/kind-${os}-${architecture}.sha256sum`,
    }),
  },
  versitygw: {
    name: 'versitygw',
    version: 'v1.8.0',
    module: 'versitygw',
    package: 'github.com/versity/versitygw/cmd/versitygw',
    ldflags: '-s -w -X main.Version=v1.8.0',
    versionArguments: ['--version'],
    baseUrlVariable: 'VERSITYGW_RELEASE_URL',
    baseUrl: 'https://github.com/versity/versitygw/releases/download',
    release: (os, architecture) => {
      const system = `${os.slice(0, 1).toUpperCase()}${os.slice(1)}`;
      const folder = `versitygw_v1.8.0_${system}_${architecture === 'amd64' ? 'x86_64' : architecture}`;
      return { path: `/v1.8.0/${folder}.tar.gz`, checksumPath: '/v1.8.0/checksums.txt', member: `${folder}/versitygw` };
    },
  },
  'fake-gcs-server': {
    name: 'fake-gcs-server',
    version: 'v1.56.1',
    module: 'fake-gcs-server',
    package: 'github.com/fsouza/fake-gcs-server',
    ldflags: '-s -w',
    // It has no way to say its version: one on PATH is never taken.
    versionArguments: ['-help'],
    baseUrlVariable: 'FAKE_GCS_SERVER_RELEASE_URL',
    baseUrl: 'https://github.com/fsouza/fake-gcs-server/releases/download',
    release: (os, architecture) => {
      const system = `${os.slice(0, 1).toUpperCase()}${os.slice(1)}`;
      return {
        path: `/v1.56.1/fake-gcs-server_1.56.1_${system}_${architecture}.tar.gz`,
        checksumPath: '/v1.56.1/checksums.txt',
        member: 'fake-gcs-server',
      };
    },
  },
};

/** Those that make a cluster's Kubernetes; clients of it stay the newest. */
const ofACluster: ReadonlySet<ComponentName> = new Set([
  'kube-apiserver',
  'kube-controller-manager',
  'kube-scheduler',
  'kubelet',
  'kube-proxy',
]);

/**
 * A component as `KUBERNETES` asks for it.
 *
 * @throws RangeError for any other word than newest and oldest
 */
export function componentFor(name: ComponentName, environment: NodeJS.ProcessEnv): Component {
  const asked = environment['KUBERNETES'] || 'newest';
  if (asked !== 'newest' && asked !== 'oldest')
    throw new RangeError(`KUBERNETES=${JSON.stringify(asked)}: allowed are newest, oldest`);
  return asked === 'oldest' && ofACluster.has(name) ? kubernetes(name, kubernetesReleases.oldest) : components[name];
}
