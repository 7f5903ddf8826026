import type { Container, Pod } from '@osmo/kube';
import { isRecorded } from './status.ts';
import type { Task } from './task.ts';

/**
 * What the operator keeps of a pod: who it is, where it runs, which Secrets it sees and how it fares. The rest of its spec came from its Task and
 * is most of its size.
 */
export function slimPod(pod: Pod): Pod {
  const { containers, initContainers, nodeName, volumes } = pod.spec;
  const secrets = (volumes ?? []).flatMap(({ name, secret }) =>
    secret === undefined ? [] : [{ name, secret: { secretName: secret.secretName } }],
  );
  return {
    ...pod,
    spec: {
      containers: containers.map(slimContainer),
      ...(initContainers === undefined ? {} : { initContainers: initContainers.map(slimContainer) }),
      ...(secrets.length === 0 ? {} : { volumes: secrets }),
      ...(nodeName === undefined ? {} : { nodeName }),
    },
  };
}

function slimContainer({ name, image, restartPolicy, env, envFrom }: Container): Container {
  const secrets = env?.filter(({ valueFrom }) => valueFrom?.secretKeyRef !== undefined) ?? [];
  const whole = envFrom?.filter(({ secretRef }) => secretRef !== undefined) ?? [];
  return {
    name,
    ...(secrets.length === 0 ? {} : { env: secrets }),
    ...(whole.length === 0 ? {} : { envFrom: whole }),
    ...(image === undefined ? {} : { image }),
    ...(restartPolicy === undefined ? {} : { restartPolicy }),
  };
}

/** What is kept of a Task that has ended: no pod will be made of it again, so what its pod was made of can go. */
export function slimTask(task: Task): Task {
  if (!isRecorded(task)) return task;
  const { files: _files, args: _args, env: _env, podTemplate: _template, ...spec } = task.spec;
  return { ...task, spec: { ...spec, command: spec.command.slice(0, 1) } };
}
