import { type Credential, credentialSecret, registryScopesOf } from '@osmo/crds';
import { profileOf } from '@osmo/storage';
import type { Task } from '../group/task.ts';

/**
 * A task with the credentials that apply to it by themselves: transfers that name none get the one of their URL's profile, the submitter's
 * own before a shared one; the pod gets the logins of registries that its image is in the scope of. Where there is none the task is as it was.
 *
 * @param entries that its submitter may use
 */
export function withCredentials(task: Task, entries: readonly Credential[]): Task {
  if (entries.length === 0) return task;
  const { spec } = task;
  const transfer = <T extends { url: string; credential?: string | undefined }>(item: T): T => {
    const name = item.credential === undefined ? dataSecretFor(item.url, entries) : undefined;
    return name === undefined ? item : { ...item, credential: name };
  };
  const transfers = <T extends { url?: { url: string; credential?: string | undefined } | undefined }>(
    items: readonly T[],
  ) => items.map((item) => (item.url === undefined ? item : { ...item, url: transfer(item.url) }));
  const versions = <T extends { url?: string | undefined; credential?: string | undefined }>(items: readonly T[]) =>
    items.map((item) => (item.url === undefined ? item : (transfer({ ...item, url: item.url }) as T)));
  const logins = pullSecretsFor(spec.pinnedImage ?? spec.image, entries);
  return {
    ...task,
    spec: {
      ...spec,
      ...(spec.inputs !== undefined && { inputs: transfers(spec.inputs) }),
      ...(spec.outputs !== undefined && { outputs: transfers(spec.outputs) }),
      ...(spec.checkpoints !== undefined && { checkpoints: spec.checkpoints.map(transfer) }),
      ...(spec.data !== undefined && {
        data: {
          ...spec.data,
          ...(spec.data.inputs !== undefined && { inputs: versions(spec.data.inputs) }),
          ...(spec.data.outputs !== undefined && { outputs: spec.data.outputs.map(transfer) }),
        },
      }),
      ...(logins.length > 0 && { podTemplate: withLogins(spec.podTemplate ?? {}, logins) }),
    },
  };
}

/** Own before shared. */
const byOwner = (a: Credential, b: Credential): number =>
  Number(a.spec.user === undefined) - Number(b.spec.user === undefined);

/** The Secret that opens a URL; undefined when no entry says so. */
function dataSecretFor(url: string, entries: readonly Credential[]): string | undefined {
  let profile: string;
  try {
    profile = profileOf(url);
  } catch (error) {
    // A folder of a machine; what can't be used at all is told where the transfer is planned.
    if (error instanceof RangeError) return undefined;
    throw error;
  }
  const found = entries.filter(({ spec }) => spec.type === 'Data' && spec.profile === profile).toSorted(byOwner)[0];
  return found === undefined ? undefined : credentialSecret(found);
}

/**
 * Secrets to pull an image with, the submitter's own first. The kubelet prefers the most exact scope, and tries one after the
 * other where there are several for it.
 */
function pullSecretsFor(image: string, entries: readonly Credential[]): string[] {
  const scopes = new Set(registryScopesOf(image));
  const logins = entries.filter(({ spec }) => spec.type === 'Registry' && scopes.has(spec.profile ?? ''));
  return [...new Set(logins.toSorted(byOwner).map(credentialSecret))];
}

function withLogins(template: Record<string, unknown>, logins: readonly string[]): Record<string, unknown> {
  const spec = (template['spec'] ?? {}) as { imagePullSecrets?: readonly { name: string }[] };
  const named = [...new Set([...logins, ...(spec.imagePullSecrets ?? []).map(({ name }) => name)])];
  return { ...template, spec: { ...spec, imagePullSecrets: named.map((name) => ({ name })) } };
}
