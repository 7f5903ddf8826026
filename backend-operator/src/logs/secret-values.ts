import { type KubeClient, type Pod, Secret } from '@osmo/kube';
import { secretNamesOf } from './subject.ts';

/**
 * The values that must not be in the log of a pod's containers: all of every Secret that they see. They are kept as long as
 * its log is read, and nowhere else.
 *
 * @throws KubeError when one can't be read: what may hold it must not be stored
 */
export async function secretValues(cluster: Pick<KubeClient, 'get'>, pod: Pod, signal: AbortSignal): Promise<string[]> {
  const { namespace } = pod.metadata;
  const secrets = await Promise.all(
    secretNamesOf(pod).map((name) => cluster.get(Secret, { name, ...(namespace && { namespace }) }, { signal })),
  );
  return secrets.flatMap(({ data = {} }) =>
    Object.values(data).map((value) => Buffer.from(value, 'base64').toString('utf8')),
  );
}
