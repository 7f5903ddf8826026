import type { PoolSpecInput } from '@osmo/crds';
import { exitActionMap } from '../pools/exit-actions.ts';
import { ConfigProblem, type ConfigField, type ConfigShape, own } from './config-fields.ts';
import { templateField } from './pod-template-name.ts';
import { ruleSetField } from './resource-rules.ts';
import {
  durationText,
  readDuration,
  readFlag,
  readInteger,
  readObject,
  readObjects,
  readText,
  readTextMap,
  unlessEmpty,
  withField,
  wrong,
} from './values.ts';

type Spec = PoolSpecInput;
type ExitAction = NonNullable<Spec['defaultExitActions']>[number];

const words = { COMPLETE: 'Complete', FAIL: 'Fail', RESCHEDULE: 'Reschedule' } as const;

/** A duration under `timeouts`. */
function timeout(name: string, key: keyof NonNullable<Spec['timeouts']>): ConfigField<Spec> {
  return {
    name,
    view: ({ timeouts }) => durationText(timeouts?.[key]),
    apply(spec, value, path) {
      const timeouts = withField(spec.timeouts ?? {}, key, readDuration(value, path));
      return withField(spec, 'timeouts', Object.keys(timeouts).length === 0 ? undefined : timeouts);
    },
  };
}

/** A pool in upstream's JSON, but for its platforms, which are resources of their own. */
export function poolShape(pool: string): ConfigShape<Spec> {
  return {
    fields: [
      {
        name: 'description',
        view: ({ description }) => description ?? '',
        apply: (spec, value, path) => withField(spec, 'description', readText(value, path) || undefined),
      },
      {
        name: 'backend',
        view: ({ backend }) => backend,
        apply(spec, value, path) {
          const backend = readText(value, path);
          if (backend) return { ...spec, backend };
          throw wrong(path, value, 'must be the name of a backend; GET /api/configs/backend lists them');
        },
      },
      {
        name: 'enable_maintenance',
        view: ({ maintenance }) => maintenance ?? false,
        apply: (spec, value, path) => ({ ...spec, maintenance: readFlag(value, path) ?? false }),
      },
      {
        name: 'default_platform',
        view: ({ defaultPlatform }) => defaultPlatform ?? null,
        apply: (spec, value, path) => withField(spec, 'defaultPlatform', readText(value, path) || undefined),
      },
      timeout('default_exec_timeout', 'defaultExecSeconds'),
      timeout('max_exec_timeout', 'maxExecSeconds'),
      timeout('default_queue_timeout', 'defaultQueueSeconds'),
      timeout('max_queue_timeout', 'maxQueueSeconds'),
      {
        name: 'default_exit_actions',
        view: ({ defaultExitActions }) => exitActionMap(defaultExitActions ?? []),
        apply: (spec, value, path) => withField(spec, 'defaultExitActions', readExitActions(value, path)),
      },
      {
        name: 'resources',
        view: ({ gpuQuota }) =>
          gpuQuota === undefined
            ? null
            : {
                gpu: {
                  guarantee: gpuQuota.guarantee ?? -1,
                  maximum: gpuQuota.maximum ?? -1,
                  weight: gpuQuota.weight ?? 1,
                },
              },
        apply: (spec, value, path) => withField(spec, 'gpuQuota', readQuota(value, path)),
      },
      {
        name: 'topology_keys',
        view: ({ topologyKeys }) => topologyKeys ?? [],
        apply: (spec, value, path) => withField(spec, 'topologyKeys', readTopologyKeys(value, path)),
      },
      templateField('common_pod_template', `pool.${pool}`),
      ruleSetField('common_resource_validations', `pool.${pool}`),
    ],
    derived: [
      'name',
      'status',
      'message',
      'last_heartbeat',
      'download_type',
      'platforms',
      'parsed_pod_template',
      'parsed_resource_validations',
      'parsed_group_templates',
    ],
    refused: {
      common_default_variables: 'variables belong to platforms here: say them in platforms.NAME.default_variables',
      common_group_templates: 'there are no group templates here: keep such objects beside the pool, in Git',
    },
  };
}

function readExitActions(value: unknown, path: string): ExitAction[] | undefined {
  const map = readTextMap(value, path);
  if (map === undefined) return undefined;
  return unlessEmpty(
    Object.entries(map).map(([word, codes]): ExitAction => {
      const action = own(words, word);
      if (action === undefined) {
        const rule = `must be one of ${Object.keys(words).join(', ')}`;
        throw new ConfigProblem(`${path}.${word.slice(0, 64)}`, rule);
      }
      return { action: action as ExitAction['action'], exitCodes: codes.replaceAll(' ', '') };
    }),
  );
}

function readQuota(value: unknown, path: string): Spec['gpuQuota'] {
  const resources = readObject(value, path);
  if (resources === undefined) return undefined;
  for (const name of Object.keys(resources)) {
    if (name !== 'gpu') throw new ConfigProblem(`${path}.${name.slice(0, 64)}`, 'there are quotas of gpu only');
  }
  const gpu = readObject(own(resources, 'gpu') ?? undefined, `${path}.gpu`);
  if (gpu === undefined) return undefined;
  const names = ['guarantee', 'maximum', 'weight'] as const;
  for (const name of Object.keys(gpu)) {
    if (!names.some((known) => known === name))
      throw new ConfigProblem(`${path}.gpu.${name.slice(0, 64)}`, `must be one of ${names.join(', ')}`);
  }
  const number = (name: (typeof names)[number], otherwise: number): number =>
    readInteger(own(gpu, name) ?? undefined, `${path}.gpu.${name}`) ?? otherwise;
  return { guarantee: number('guarantee', -1), maximum: number('maximum', -1), weight: number('weight', 1) };
}

function readTopologyKeys(value: unknown, path: string): Spec['topologyKeys'] {
  const keys = readObjects(value, path);
  return unlessEmpty(
    keys?.map((item, index) => {
      const part = (name: string): string => {
        const text = readText(own(item, name), `${path}[${index}].${name}`);
        if (text) return text;
        throw new ConfigProblem(`${path}[${index}].${name}`, 'must be a text');
      };
      return { key: part('key'), label: part('label') };
    }),
  );
}
