import { expect, test } from '@jest/globals';
import { atDate, boundPod, container, running, terminated } from '../testing/pods.ts';
import { newTask } from '../testing/tasks.ts';
import { classify } from './classify.ts';
import { taskOfObject } from './identity.ts';
import { podFor } from './pod.ts';
import { slimPod, slimTask } from './slim.ts';

test('a slim pod means what the whole one meant', () => {
  const task = newTask({ spec: { files: [{ path: '/a', contents: 'x', base64: false }] } });
  const built = podFor(task, { namespace: 'team-a', attempt: 0, nodeLostSeconds: 300 });
  const pods = [
    boundPod('Running', running(), { initContainerStatuses: [container(terminated(1), 'runtime')] }),
    boundPod('Failed', [container(terminated(3)), container(terminated(4), 'proxy')]),
  ].map((pod) => ({
    ...pod,
    metadata: {
      ...built.metadata,
      ...pod.metadata,
      labels: built.metadata.labels ?? {},
      annotations: { ...built.metadata.annotations, ...pod.metadata.annotations },
    },
    spec: { ...built.spec, ...pod.spec, initContainers: [{ name: 'runtime', restartPolicy: 'Always', image: 'r' }] },
  }));
  for (const pod of pods) {
    expect(classify(slimPod(pod), atDate(30))).toEqual(classify(pod, atDate(30)));
    expect(taskOfObject(slimPod(pod))).toEqual(taskOfObject(pod));
    expect(JSON.stringify(slimPod(pod).spec).length).toBeLessThan(JSON.stringify(pod.spec).length / 2);
  }
});

test('a Task that may still get a pod stays whole, one that has ended keeps who it was', () => {
  const task = newTask({ spec: { files: [{ path: '/a', contents: 'x'.repeat(1000), base64: false }] } });
  expect(slimTask(task)).toBe(task);
  const over = slimTask({ ...task, status: { phase: 'Failed', attempt: 0, conditions: [] } });
  expect(JSON.stringify(over).length).toBeLessThan(JSON.stringify(task).length - 900);
  expect(over.spec).toMatchObject({ taskName: 'train', workflow: task.spec.workflow, group: task.spec.group });
  const again = {
    ...task,
    spec: { ...task.spec, run: 1 },
    status: { phase: 'Failed' as const, attempt: 0, conditions: [] },
  };
  expect(slimTask(again)).toBe(again);
});
