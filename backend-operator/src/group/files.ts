import type { KubeObject, Pod, Secret, Volume, VolumeMount } from '@osmo/kube';
import { filesSecretNameOf } from './names.ts';
import { secretOfPod } from './pod-secret.ts';
import type { Task } from './task.ts';
import { UnbuildableError } from './unbuildable.ts';

/** What a Secret can hold: the apiserver refuses more. */
const secretLimit = 1024 * 1024;

const volumeName = 'osmo-files';

/** 0755: a script among the files can be run as it is, by any user of the image. */
const fileMode = 0o755;

const base64Syntax = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** Volume and mounts for the inline files of a task, each at its own path; nothing where there are none. */
export function fileVolume(task: Task, podName: string): { volumes: Volume[]; mounts: VolumeMount[] } {
  const files = task.spec.files ?? [];
  if (files.length === 0) return { volumes: [], mounts: [] };
  return {
    volumes: [{ name: volumeName, secret: { secretName: filesSecretNameOf(podName), defaultMode: fileMode } }],
    mounts: files.map(({ path }, index) => ({ name: volumeName, mountPath: path, subPath: keyOf(index) })),
  };
}

/**
 * The contents of a task's files, base64, by Secret key.
 *
 * @throws UnbuildableError for contents that claim to be base64 and aren't, or more than 1 MiB in all
 */
export function fileData(task: Task): Record<string, string> {
  const files = task.spec.files ?? [];
  const data = files.map(({ contents, base64 }, index) => {
    if (!base64) return Buffer.from(contents, 'utf8').toString('base64');
    const compact = contents.replace(/\s+/g, '');
    if (base64Syntax.test(compact)) return compact;
    throw new UnbuildableError(`spec.files[${index}].contents: not base64, as base64: true says`);
  });
  const size = data.reduce((sum, text) => sum + Buffer.byteLength(text, 'base64'), 0);
  if (size > secretLimit) {
    throw new UnbuildableError(`spec.files: ${size} bytes in all, at most ${secretLimit} are allowed`);
  }
  return Object.fromEntries(data.map((text, index) => [keyOf(index), text]));
}

/** The Secret with the inline files of a pod's task; undefined when it has none. */
export function filesSecretFor(task: Task, pod: Pod): Secret | undefined {
  if ((task.spec.files ?? []).length === 0) return undefined;
  return secretOfPod(pod, filesSecretNameOf(pod.metadata.name), fileData(task));
}

/** How the ledger calls the Secret of a pod: the files' by the UID of the pod, any other by its name as well. */
export function storedAs(podUid: string, secret: string, pod: string): string {
  return secret === filesSecretNameOf(pod) ? podUid : `${podUid}/${secret}`;
}

/** The same of a Secret; undefined when it is no pod's. */
export function storedSecret({ metadata: { name, ownerReferences } }: KubeObject): string | undefined {
  const { uid, name: pod = '' } = ownerReferences?.[0] ?? {};
  return uid === undefined ? undefined : storedAs(uid, name, pod);
}

function keyOf(index: number): string {
  return `file-${index}`;
}
