import { type Backend, type BackendSpecInput, ConditionTypes } from '@osmo/crds';
import { findCondition } from '@osmo/kube';
import { plainTime } from '../workflows/times.ts';
import { type ConfigField, ConfigProblem, type ConfigShape, own, viewOf } from './config-fields.ts';
import { readObject, readText, readTextMap, withField } from './values.ts';

type Spec = BackendSpecInput;

const url = (name: string, key: 'dashboardURL' | 'grafanaURL'): ConfigField<Spec> => ({
  name,
  view: (spec) => spec[key] ?? '',
  apply: (spec, value, path) => withField(spec, key, readText(value, path) || undefined),
});

/** A backend in upstream's JSON. */
export const backendShape: ConfigShape<Spec> = {
  fields: [
    {
      name: 'description',
      view: ({ description }) => description ?? '',
      apply: (spec, value, path) => withField(spec, 'description', readText(value, path) || undefined),
    },
    url('dashboard_url', 'dashboardURL'),
    url('grafana_url', 'grafanaURL'),
    {
      name: 'node_conditions',
      view: ({ nodeConditions }) => ({
        rules: {
          Ready: 'True',
          ...Object.fromEntries((nodeConditions?.rules ?? []).map(({ type, status }) => [type, status])),
        },
      }),
      apply: (spec, value, path) => withField(spec, 'nodeConditions', readConditions(value, path)),
    },
  ],
  derived: ['name', 'k8s_uid', 'k8s_namespace', 'version', 'last_heartbeat', 'created_date', 'online'],
  refused: {
    tests: 'there are no tests of backends here',
    scheduler_settings: 'the scheduler belongs to the pool here: spec.scheduler of the Pool resource',
    router_address: 'backends dial out to the gateway here: there is no router with an address of its own',
  },
};

/** A backend as it is shown: what an administrator says, and what its operator does. */
export function backendView({ metadata, spec, status }: Backend): Record<string, unknown> {
  const connected = findCondition(status?.conditions, ConditionTypes.connected);
  return {
    name: metadata.name,
    ...viewOf(backendShape, spec),
    k8s_uid: status?.clusterUID ?? null,
    version: status?.version ?? null,
    created_date: plainTime(metadata.creationTimestamp),
    online: connected?.status === 'True',
  };
}

function readConditions(value: unknown, path: string): Spec['nodeConditions'] {
  const conditions = readObject(value, path) ?? {};
  const stranger = Object.keys(conditions).find((name) => name !== 'rules' && name !== 'prefix');
  if (stranger !== undefined)
    throw new ConfigProblem(`${path}.${stranger.slice(0, 64)}`, 'is no known field; there is rules');
  if (own(conditions, 'prefix')) {
    throw new ConfigProblem(`${path}.prefix`, 'no conditions are put on nodes here, so that they need no prefix');
  }
  const { Ready: ready = 'True', ...rules } = readTextMap(own(conditions, 'rules') ?? undefined, `${path}.rules`) ?? {};
  if (ready !== 'True')
    throw new ConfigProblem(`${path}.rules.Ready`, 'must be True: a node that is not ready takes no pods');
  const list = Object.entries(rules).map(([type, status]) => ({ type, status }));
  return list.length === 0 ? undefined : { rules: list };
}
