import { expect, test } from '@jest/globals';
import { taskOf, workflowOf } from '../testing/objects.ts';
import { taskSecrets } from './task-secrets.ts';

const secretsOf = (spec: object): string[] => taskSecrets(taskOf(workflowOf('w'), 'a', {}, spec));

test('a task that names none sees none', () => {
  expect(secretsOf({})).toEqual([]);
  expect(
    secretsOf({ podTemplate: { spec: { containers: [{ name: 'a', env: [{ name: 'x', value: 'y' }] }] } } }),
  ).toEqual([]);
});

test('its credentials, and whatever the templates of pool and platform name, once each', () => {
  const container = {
    env: [{ name: 'A', valueFrom: { secretKeyRef: { name: 'of-key', key: 'k' } } }],
    envFrom: [{ secretRef: { name: 'of-env' } }, { configMapRef: { name: 'map' } }],
  };
  const volumes = [
    { name: 'v', secret: { secretName: 'of-volume' } },
    { name: 'p', projected: { sources: [{ secret: { name: 'of-projection' } }, { configMap: { name: 'map' } }] } },
    { name: 'c', configMap: { name: 'map' } },
  ];
  const spec = { containers: [container], initContainers: [container], volumes, imagePullSecrets: [{ name: 'pull' }] };
  const credentials = [
    { name: 'hub', env: [{ name: 'A', key: 'a' }] },
    { name: 'data', mountPath: '/d' },
  ];
  expect(secretsOf({ credentials, podTemplate: { spec } })).toEqual([
    'data',
    'hub',
    'of-env',
    'of-key',
    'of-projection',
    'of-volume',
  ]);
});
