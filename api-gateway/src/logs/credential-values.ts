import { isNotFound, isForbidden, type KubeClient, type Logger, Secret } from '@osmo/kube';
import type { LogRequest } from './log-source.ts';
import { taskSecrets } from './task-secrets.ts';

const timeoutMs = 5_000;

/**
 * The values that must not be shown of an attempt: those of every Secret that its command can see. Undefined when they can't
 * be known.
 */
export type CredentialValues = (request: LogRequest, signal: AbortSignal) => Promise<readonly string[] | undefined>;

/**
 * Reads the Secrets in the name of the caller, once for each: the gateway itself may read none, and whoever may can see the
 * values anyway. A Secret that was written after the attempt's command started may not hold what the command has: its values
 * can't be known.
 *
 * @param client acts as the caller; its answers are held as long as this function is
 */
export function credentialValues(client: Pick<KubeClient, 'get'>, logger: Logger): CredentialValues {
  const known = new Map<string, Promise<Secret | undefined>>();
  const read = (namespace: string, name: string, signal: AbortSignal): Promise<Secret | undefined> => {
    const key = `${namespace}/${name}`;
    const found = known.get(key) ?? readSecret(client, { namespace, name }, signal, logger);
    known.set(key, found);
    return found;
  };
  return async (request, signal) => {
    const { metadata, status } = request.task;
    const names = taskSecrets(request.task);
    if (names.length === 0) return [];
    const started = startOf(request);
    const namespace = status?.podNamespace ?? metadata.namespace ?? '';
    const secrets = await Promise.all(names.map((name) => read(namespace, name, signal)));
    const values = secrets.map((secret) => secret && valuesAt(secret, started));
    return values.includes(undefined) ? undefined : values.flatMap((found) => found ?? []);
  };
}

async function readSecret(
  client: Pick<KubeClient, 'get'>,
  place: { namespace: string; name: string },
  signal: AbortSignal,
  logger: Logger,
): Promise<Secret | undefined> {
  try {
    return await client.get(Secret, place, { signal, timeoutMs });
  } catch (error) {
    signal.throwIfAborted();
    if (!isForbidden(error) && !isNotFound(error)) logger.warn('a Secret could not be read', { ...place, error });
    return undefined;
  }
}

/** Undefined when it was written after that time, or nobody knows when. */
function valuesAt({ data = {}, metadata }: Secret, time: string | undefined): string[] | undefined {
  const written = [metadata.creationTimestamp, ...(metadata.managedFields ?? []).map(({ time: at }) => at)];
  const isOlder = (at: string | undefined): boolean => at === undefined || (time !== undefined && at <= time);
  if (!written.every(isOlder)) return undefined;
  return Object.values(data).map((value) => Buffer.from(value, 'base64').toString('utf8'));
}

/** When the command of the attempt started, RFC 3339 in whole seconds as the apiserver has it. */
function startOf({ task: { status }, attempt }: LogRequest): string | undefined {
  if (attempt === (status?.attempt ?? 0)) return status?.startTime;
  return status?.attempts?.find((each) => each.attempt === attempt)?.startTime;
}
