import type { PlatformSpecInput } from '@osmo/crds';
import { type ConfigField, type ConfigShape } from './config-fields.ts';
import { templateField } from './pod-template-name.ts';
import { readFlag, readObjects, readText, readTextMap, readTexts, unlessEmpty, withField } from './values.ts';

type Spec = PlatformSpecInput;

const flag = (name: string, key: 'privilegedAllowed' | 'hostNetworkAllowed'): ConfigField<Spec> => ({
  name,
  view: (spec) => spec[key] ?? false,
  apply: (spec, value, path) => ({ ...spec, [key]: readFlag(value, path) ?? false }),
});

const mounts = (name: string, key: 'allowedMounts' | 'defaultMounts'): ConfigField<Spec> => ({
  name,
  view: (spec) => spec[key] ?? [],
  apply: (spec, value, path) => withField(spec, key, unlessEmpty(readTexts(value, path))),
});

/** A platform in upstream's JSON, where it is a part of its pool. `labels` and `tolerations` say which nodes it means. */
export function platformShape(platform: string): ConfigShape<Spec> {
  return {
    fields: [
      {
        name: 'description',
        view: ({ description }) => description ?? '',
        apply: (spec, value, path) => withField(spec, 'description', readText(value, path) || undefined),
      },
      flag('host_network_allowed', 'hostNetworkAllowed'),
      flag('privileged_allowed', 'privilegedAllowed'),
      mounts('allowed_mounts', 'allowedMounts'),
      mounts('default_mounts', 'defaultMounts'),
      {
        name: 'default_variables',
        view: ({ variables }) => Object.fromEntries((variables ?? []).map(({ name, value }) => [name, value])),
        apply(spec, value, path) {
          const variables = Object.entries(readTextMap(value, path) ?? {}).map(([name, text]) => ({
            name,
            value: text,
          }));
          return withField(spec, 'variables', unlessEmpty(variables));
        },
      },
      {
        name: 'labels',
        view: ({ nodeSelector }) => nodeSelector ?? {},
        apply(spec, value, path) {
          const labels = readTextMap(value, path) ?? {};
          return withField(spec, 'nodeSelector', Object.keys(labels).length === 0 ? undefined : labels);
        },
      },
      {
        name: 'tolerations',
        view: ({ tolerations }) => tolerations ?? [],
        apply(spec, value, path) {
          // What a toleration may say is the apiserver's to check.
          const tolerations = readObjects(value, path);
          return withField(spec, 'tolerations', unlessEmpty(tolerations));
        },
      },
      templateField('override_pod_template', `platform.${platform}`),
    ],
    derived: ['name', 'parsed_pod_template', 'parsed_resource_validations'],
    refused: {
      resource_validations: 'rules belong to pools here: say them in /api/configs/resource_validation/pool.NAME',
    },
  };
}
