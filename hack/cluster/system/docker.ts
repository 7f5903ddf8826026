import { run } from './run.ts';

/** What of a Docker daemon matters for clusters in it. */
export interface DockerFacts {
  cgroupVersion: 1 | 2;
}

/**
 * Asks the Docker daemon that the environment names; undefined when none answers within 5 s.
 *
 * @param docker the client's program
 */
export async function dockerFacts(docker = 'docker'): Promise<DockerFacts | undefined> {
  const { code, stdout } = await run(docker, ['info', '--format', '{{.CgroupVersion}}'], {
    timeoutMs: 5000,
    allowFailure: true,
  }).catch(() => ({ code: 127, stdout: '' }));
  const version = stdout.trim();
  if (code !== 0 || (version !== '1' && version !== '2')) return undefined;
  return { cgroupVersion: version === '1' ? 1 : 2 };
}

/** State of a container in Docker's words, such as `running` or `exited`; undefined when there is none of that name. */
export async function containerState(name: string): Promise<string | undefined> {
  const { code, stdout } = await run('docker', ['container', 'inspect', '--format', '{{.State.Status}}', name], {
    allowFailure: true,
  });
  return code === 0 ? stdout.trim() : undefined;
}

/** Whether Docker has an image of this name. */
export async function hasImage(name: string): Promise<boolean> {
  return (await run('docker', ['image', 'inspect', name], { allowFailure: true })).code === 0;
}
