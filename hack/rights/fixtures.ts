import { Annotations } from '@osmo/crds';
import type { KubeClient, KubeObject } from '@osmo/kube';
import { Backends, Platforms, Pools, Tasks, Workflows } from '../../api-gateway/src/kinds.ts';

/** What a row of the table changes, so that it is made anew each time; `name` is made by nobody. */
export type Fixture =
  | 'name'
  | 'workflow'
  | 'failed workflow'
  | 'app'
  | 'bucket'
  | 'dataset'
  | 'collection'
  | 'person'
  | 'pool'
  | 'backend'
  | 'own token'
  | 'own credential';

const apiVersion = 'osmo.dev/v1alpha1';

/** How fixtures are made: by an administrator of the cluster, or by an administrator's request to the gateway, which waits until its caches have them. */
export interface Maker {
  admin: KubeClient;
  namespace: string;
  pool: string;
  /** Sends a request as osmo-admin. @throws Error when it isn't answered by 200 */
  send: (method: string, path: string, body?: unknown) => Promise<void>;
  /** The same as the caller who is to have it as their own. */
  sendOwn: (method: string, path: string, body?: unknown) => Promise<void>;
}

export async function makeFixture(
  { admin, namespace, pool, send, sendOwn }: Maker,
  fixture: Fixture,
  name: string,
): Promise<void> {
  const head = (kind: string) => ({ apiVersion, kind, metadata: { name } });
  switch (fixture) {
    case 'name':
      return;
    case 'workflow':
    case 'failed workflow': {
      const metadata = {
        name,
        namespace,
        annotations: { [Annotations.submittedBy]: 'ada', [Annotations.tags]: 'fixed-tag' },
      };
      const command = { image: 'busybox', command: ['true'] };
      const spec = { pool, tasks: [{ name: 'a', ...command }] };
      const made = await admin.create(Workflows, { apiVersion, kind: 'Workflow', metadata, spec } as never);
      if (fixture === 'workflow') return;
      const times = { startTime: '2026-01-01T10:00:00Z', completionTime: '2026-01-01T10:05:00Z' };
      const status = { phase: 'Failed', reason: 'Error', conditions: [], ...times };
      const patch = { kind: 'merge', body: { status } } as const;
      await admin.patch(Workflows, { name, namespace }, patch, { subresource: 'status' });
      const { uid = '' } = (made as KubeObject).metadata;
      await admin.create(Tasks, {
        apiVersion,
        kind: 'Task',
        metadata: {
          name: `${name}.a`,
          namespace,
          ownerReferences: [{ apiVersion, kind: 'Workflow', name, uid, controller: true }],
        },
        spec: {
          ...{ workflow: { name, uid }, taskName: 'a', lead: true, backend: pool, pool, platform: pool },
          group: { name: 'a-group', size: 1, barrier: true, ignoreNonleadStatus: true },
          ...{ priority: 'Normal', submittedBy: 'ada', scheduling: { type: 'Default' } },
          resources: { cpu: '1', memory: '1Gi', storage: '1Gi' },
          ...command,
        },
      } as never);
      await admin.patch(Tasks, { name: `${name}.a`, namespace }, patch, { subresource: 'status' });
      return;
    }
    case 'app':
      return send(
        'POST',
        `/api/app/user/${name}`,
        'workflow: { name: a, tasks: [{ name: a, image: b, command: [c] }] }\n',
      );
    case 'bucket':
      return send('POST', `/api/bucket/${name}`, { url: 's3://bucket/prefix' });
    case 'dataset':
      return send('POST', `/api/bucket/b-fixed/dataset/${name}?finish=true`, {
        manifest: `sha256:${'0'.repeat(64)}`,
        files: 1,
        size: 1,
      });
    case 'collection':
      return send('POST', `/api/bucket/b-fixed/dataset/${name}/collect?datasets=d-fixed`);
    case 'person':
      return send('POST', '/api/auth/user', { id: name });
    case 'pool': {
      await admin.create(Platforms, { ...head('Platform'), spec: {} } as never);
      const template = {
        podTemplate: { spec: {} },
        resourceRules: [{ left: 'USER_CPU', operator: 'LE', right: '4', message: 'too many' }],
      };
      const spec = { backend: name, platforms: [name], defaultPlatform: name, ...template };
      await admin.create(Pools, { ...head('Pool'), spec } as never);
      return;
    }
    case 'own token':
      return sendOwn('POST', `/api/auth/access_token/${name}`);
    case 'own credential':
      return sendOwn('POST', `/api/credentials/${name}`, { generic_credential: { credential: { key: 'value' } } });
    case 'backend':
      await admin.create(Backends, { ...head('Backend'), spec: {} } as never);
  }
}
