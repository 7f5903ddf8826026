import { expect, test } from '@jest/globals';
import type { TaskSpec } from '@osmo/crds';
import type { Volume } from '@osmo/kube';
import { newTask } from '../testing/tasks.ts';
import { podFor } from './pod.ts';

const build = (inputs: number, volumes?: Volume[]) => {
  const spec: Partial<TaskSpec> = {
    inputs: Array.from({ length: inputs }, (_, index) => ({ task: { name: `t${index}` } })),
    ...(volumes !== undefined && { podTemplate: { spec: { containers: [], volumes } } }),
  };
  const options = { namespace: 'team-a', attempt: 0, nodeLostSeconds: 300, runtime: { image: 'runtime:1' } };
  return podFor(newTask({ spec }), options).spec;
};
const claim = {
  volumeClaimTemplate: { spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '2Ti' } } } },
};

test('folders of inputs and outputs are on the disk of the node', () => {
  expect(build(2).volumes).toEqual([
    { name: 'osmo-output', emptyDir: {} },
    { name: 'osmo-input-0', emptyDir: {} },
    { name: 'osmo-input-1', emptyDir: {} },
  ]);
  expect(build(17).volumes?.map(({ name }) => name)).toEqual(['osmo-output', 'osmo-input']);
});

test('unless the pod template says what they are, which holds for each input', () => {
  const given = [
    { name: 'osmo-output', ephemeral: claim } as Volume,
    { name: 'osmo-input', emptyDir: { medium: 'Memory', sizeLimit: '4Mi' } },
    { name: 'mine', emptyDir: {} },
  ];
  const { volumes, containers } = build(2, given);
  expect(volumes).toEqual([
    { name: 'mine', emptyDir: {} },
    { name: 'osmo-output', ephemeral: claim },
    { name: 'osmo-input-0', emptyDir: { medium: 'Memory', sizeLimit: '4Mi' } },
    { name: 'osmo-input-1', emptyDir: { medium: 'Memory', sizeLimit: '4Mi' } },
  ]);
  expect(containers[0]?.volumeMounts?.map(({ mountPath }) => mountPath)).toEqual([
    '/osmo/data/output',
    '/osmo/data/input/0',
    '/osmo/data/input/1',
  ]);
});
