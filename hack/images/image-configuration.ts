/** What a container of the image runs, and as whom. */
export interface ImageSettings {
  /** `user[:group]`, as numbers where the image must prove that it is not root; default root. */
  user?: string;
  entrypoint?: string[];
  command?: string[];
  environment?: Record<string, string>;
  workingDirectory?: string;
  labels?: Record<string, string>;
  /** Asks the program to end; default TERM. */
  stopSignal?: string;
  /** Of the programs inside; default this process's. */
  architecture?: string;
}

const defaultPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** Names of architectures as images and Go spell them. */
export function goArchitecture(nodeArchitecture: string): string {
  return nodeArchitecture === 'x64' ? 'amd64' : nodeArchitecture;
}

/**
 * The image's configuration object (OCI image-spec 1.0). The same settings and layers give the same text: the creation
 * time is always 1970.
 *
 * @param digests `sha256:…` of the uncompressed layers, lowest first
 */
export function imageConfiguration(settings: ImageSettings, digests: readonly string[]): object {
  const environment = { PATH: defaultPath, ...settings.environment };
  return {
    created: '1970-01-01T00:00:00Z',
    architecture: settings.architecture ?? goArchitecture(process.arch),
    os: 'linux',
    config: {
      Env: Object.entries(environment).map(([name, value]) => `${name}=${value}`),
      ...(settings.user !== undefined && { User: settings.user }),
      ...(settings.entrypoint && { Entrypoint: settings.entrypoint }),
      ...(settings.command && { Cmd: settings.command }),
      ...(settings.workingDirectory !== undefined && { WorkingDir: settings.workingDirectory }),
      ...(settings.labels && { Labels: settings.labels }),
      ...(settings.stopSignal !== undefined && { StopSignal: settings.stopSignal }),
    },
    rootfs: { type: 'layers', diff_ids: digests },
    history: digests.map(() => ({ created: '1970-01-01T00:00:00Z' })),
  };
}
