import { describe, expect, test } from '@jest/globals';
import { Annotations, type TaskSpec } from '@osmo/crds';
import type { Pod } from '@osmo/kube';
import { secretNamesOf } from '../logs/subject.ts';
import { podFor } from '../group/pod.ts';
import { newTask } from '../testing/tasks.ts';

const store = { url: 's3://osmo', environment: { AWS_SECRET_ACCESS_KEY: 'very-secret' }, uploadSeconds: 3600 };
const digest = `blake3:${'0a'.repeat(32)}`;
const build = (spec: Partial<TaskSpec>): Pod =>
  podFor(newTask({ spec }), {
    namespace: 'team-a',
    attempt: 0,
    nodeLostSeconds: 300,
    runtime: { image: 'runtime:1', store },
  });
const command = (pod: Pod) => pod.spec.containers[0];
const init = (pod: Pod, name: string) => pod.spec.initContainers?.find((container) => container.name === name);
const names = (pod: Pod) => pod.spec.initContainers?.map(({ name }) => name);
const output = { url: { url: 's3://robots/out' } };
const input = { url: { url: 's3://robots/in' } };

describe('the containers of a pod with data', () => {
  test('a task with inputs, an output, a checkpoint', () =>
    expect(
      build({
        inputs: [input, { task: { name: 'prepare' } }],
        outputs: [output],
        checkpoints: [{ path: 'models', url: 's3://robots/models', frequencySeconds: 60 }],
        data: { keep: true, inputs: [{ index: 1, manifest: digest }] },
      }),
    ).toMatchSnapshot());

  test.each<[string, Partial<TaskSpec>, string[] | undefined]>([
    ['nothing to move', {}, undefined],
    ['only inputs', { inputs: [input] }, ['osmo-download']],
    ['an output that is kept', { data: { keep: true } }, ['osmo-runtime']],
    ['an output of its own, whose credential is tried first', { outputs: [output] }, ['osmo-download', 'osmo-runtime']],
    [
      'init containers of a template',
      { inputs: [input], podTemplate: { spec: { initContainers: [{ name: 'mine', image: 'x' }] } } },
      ['mine', 'osmo-download'],
    ],
  ])('%s', (_, spec, want) => expect(names(build(spec))).toEqual(want));

  test('further containers of a template do not keep the pod from ending', () => {
    const podTemplate = {
      spec: { containers: [{ name: 'proxy', image: 'p' }], initContainers: [{ name: 'mine', image: 'x' }] },
    };
    const pod = build({ inputs: [input], data: { keep: true }, podTemplate });
    expect(pod.spec.containers.map(({ name }) => name)).toEqual(['train']);
    expect(names(pod)).toEqual(['mine', 'proxy', 'osmo-download', 'osmo-runtime']);
    expect(init(pod, 'proxy')?.restartPolicy).toBe('Always');
    const download = build({ inputs: [input], podTemplate });
    expect(download.spec.containers.map(({ name }) => name).toSorted()).toEqual(['proxy', 'train']);
  });

  test('the command sees no credential, no plan', () => {
    const pod = build({ inputs: [input], outputs: [output], data: { keep: true } });
    expect(JSON.stringify(command(pod))).not.toMatch(/osmo-plan|osmo-data-credential|very-secret/);
    expect(JSON.stringify(pod)).not.toContain('very-secret');
  });

  test('their Secrets are none that a log could hold', () => {
    const pod = build({ inputs: [input], data: { keep: true }, credentials: [{ name: 'mine', mountPath: '/c' }] });
    expect(secretNamesOf(pod)).toEqual(['mine']);
  });

  test.each<[string, Record<string, unknown>, number, string]>([
    ['without a wish', {}, 3600, '30'],
    ['with a short time', { terminationGracePeriodSeconds: 5 }, 3600, '5'],
    ['with a longer one than uploads have', { terminationGracePeriodSeconds: 7200 }, 7200, '7200'],
  ])('the kubelet gives uploads their time: a template %s', (_, spec, seconds, annotation) => {
    const pod = build({ data: { keep: true }, podTemplate: { spec } });
    expect(pod.spec.terminationGracePeriodSeconds).toBe(seconds);
    expect(pod.metadata.annotations?.[Annotations.graceSeconds]).toBe(annotation);
  });

  test.each<[string, Partial<TaskSpec>, number]>([
    ['little storage', { resources: { storage: '100Gi' } }, 3600],
    ['much storage, as long as it takes', { resources: { storage: '2Ti' } }, 32_768],
    ['more than a day', { resources: { storage: '1Pi' } }, 86_400],
    ['a time of its own', { resources: { storage: '2Ti' }, timeouts: { uploadSeconds: 60 } }, 60],
  ])('uploads of a task have more time where more can be lost: %s', (_, spec, seconds) =>
    expect(build({ data: { keep: true }, ...spec }).spec.terminationGracePeriodSeconds).toBe(seconds),
  );

  test('a pod that only downloads ends as any other', () => {
    const pod = build({ inputs: [input] });
    expect(pod.spec.terminationGracePeriodSeconds).toBeUndefined();
    expect(pod.metadata.annotations).not.toHaveProperty(Annotations.graceSeconds);
    expect(command(pod)).not.toHaveProperty('lifecycle');
  });

  test("the runtime is told when the pod is deleted, unless the template has a hook of its own or the port is the node's", () => {
    const keep = { data: { keep: true } };
    const hook = { preStop: { exec: { command: ['save'] } } };
    const podTemplate = { spec: { containers: [{ name: '{{USER_CONTAINER_NAME}}', lifecycle: hook }] } };
    expect(command(build(keep))).toMatchObject({ lifecycle: { preStop: { httpGet: { path: '/ending' } } } });
    expect(command(build({ ...keep, podTemplate }))?.lifecycle).toEqual(hook);
    expect(command(build({ ...keep, hostNetwork: true }))).not.toHaveProperty('lifecycle');
  });

  test('where a template says who runs, the runtime is no root', () => {
    const podTemplate = { spec: { securityContext: { runAsUser: 1000 } } };
    const pod = build({ inputs: [input], data: { keep: true }, podTemplate });
    for (const name of ['osmo-download', 'osmo-runtime']) {
      expect(init(pod, name)?.securityContext).toMatchObject({ runAsNonRoot: true, capabilities: { drop: ['ALL'] } });
      expect(init(pod, name)?.securityContext).not.toHaveProperty('runAsUser');
      expect(init(pod, name)?.securityContext?.capabilities).not.toHaveProperty('add');
    }
  });

  test('a task may not have the name of one of them', () =>
    expect(() =>
      podFor(newTask({ name: 'osmo-runtime', spec: { data: { keep: true } } }), {
        namespace: 'team-a',
        attempt: 0,
        nodeLostSeconds: 300,
        runtime: { image: 'runtime:1', store },
      }),
    ).toThrow('spec.taskName "osmo-runtime"'));
});

describe('folders of checkpoints', () => {
  const checkpoints = (...paths: string[]) =>
    paths.map((path) => ({ path, url: 's3://robots/c', frequencySeconds: 60 }));
  const mounts = (spec: Partial<TaskSpec>) => {
    const pod = build(spec);
    const own = (found: { name: string; mountPath: string }[] = []) =>
      found.filter(({ name }) => /checkpoint|output|host/.test(name)).map(({ mountPath }) => mountPath);
    return { command: own(command(pod)?.volumeMounts), runtime: own(init(pod, 'osmo-runtime')?.volumeMounts) };
  };

  const place = '/run/osmo/checkpoints';
  test.each<[string, Partial<TaskSpec>, string[], string[]]>([
    ['anywhere', { checkpoints: checkpoints('/m') }, ['/m'], [`${place}/m`]],
    ['all that is in one', { checkpoints: checkpoints('/m/*') }, ['/m'], [`${place}/m`]],
    ['below another one', { checkpoints: checkpoints('/m/x', 'm') }, ['/m'], [`${place}/m`]],
    ['in the output', { checkpoints: checkpoints('/osmo/data/output/m') }, [], []],
    [
      'in a folder of the node',
      { checkpoints: checkpoints('/mnt/m'), volumeMounts: [{ hostPath: '/disk', mountPath: '/mnt' }] },
      ['/mnt'],
      [`${place}/mnt`],
    ],
    // Of each the command could have made its own what is the runtime's alone: its program, its plan, its credentials.
    [
      'where the runtime has its program',
      { checkpoints: checkpoints('/app', '/usr') },
      ['/app', '/usr'],
      [`${place}/app`, `${place}/usr`],
    ],
    [
      'where the runtime has its secrets',
      { checkpoints: checkpoints('/run/osmo') },
      ['/run/osmo'],
      [`${place}/run/osmo`],
    ],
    [
      'that lead out of the output',
      { checkpoints: checkpoints('/osmo/data/output/../../../run/osmo/plan') },
      ['/run/osmo/plan'],
      [`${place}/run/osmo/plan`],
    ],
  ])('%s', (_, spec, inCommand, inRuntime) => {
    const usual = '/osmo/data/output';
    expect(mounts(spec)).toEqual({ command: [usual, ...inCommand], runtime: [usual, ...inRuntime] });
  });
});
