import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { parseExample } from './example.ts';
import { stateOf, type TaskView, type WorkflowView } from './outcome.ts';
import { changeLines, duration, plain, progressLines, resultOf, tableLines } from './render.ts';
import { newScreen } from './screen.ts';

const text = `
apiVersion: osmo.dev/v1alpha1
kind: Workflow
metadata:
  name: broken
  annotations:
    examples.osmo.dev/expect: |
      phase: Failed
      reason: Error
      tasks: { first: Completed, second: Error 3, third: Upstream }
spec:
  tasks:
    - { name: first, image: busybox, command: ['true'] }
    - { name: second, image: busybox, command: ['false'], inputs: [{ task: { name: first } }] }
    - { name: third, image: busybox, command: ['true'], inputs: [{ task: { name: second } }] }
`;
const example = parseExample('broken.yaml', text);
const at = (seconds: number): string => new Date(Date.UTC(2026, 0, 1, 0, 0, seconds)).toISOString();
const counts = { total: 3, waiting: 0, active: 0, completed: 1, failed: 1, upstream: 1 };
const workflow = (status: WorkflowView['status']): WorkflowView => ({
  metadata: { name: 'broken', uid: 'u1', creationTimestamp: at(0) },
  ...(status && { status }),
});
const task = (taskName: string, status: TaskView['status'], uid = 'u1'): TaskView => ({
  metadata: { name: `broken.${taskName}` },
  spec: { taskName, workflow: { name: 'broken', uid } },
  ...(status && { status }),
});
const ended = stateOf(
  example,
  workflow({ phase: 'Failed', reason: 'Error', completionTime: at(65), taskCounts: counts }),
  [
    task('first', { phase: 'Completed', exitCode: 0, startTime: at(1), completionTime: at(2) }),
    task('second', { phase: 'Failed', reason: 'Error', exitCode: 3, startTime: at(3), completionTime: at(4) }),
  ],
);
const running = stateOf(example, workflow({ phase: 'Running' }), [
  task('first', { phase: 'Running', startTime: at(1), podName: 'p', podNamespace: 'n' }),
  task('second', { phase: 'Completed' }, 'uid-of-a-former-run'),
]);

describe('the state of an example', () => {
  test('joins what runs, what waits and what is not there yet', () => {
    expect(running.tasks.map((item) => item.state)).toEqual(['Running', 'Waiting', 'Waiting']);
    expect(running.tasks[0]!.pod).toEqual({ namespace: 'n', name: 'p' });
    expect(stateOf(example, undefined, [])).toMatchObject({ phase: 'Pending', ended: false });
  });
  test('names what never started Upstream once the workflow ended', () => {
    expect(ended.tasks.map((item) => item.state)).toEqual(['Completed', 'Error 3', 'Upstream']);
    expect(ended.tasks.every((item) => item.ended)).toBe(true);
  });
});

describe('the verdict', () => {
  test('is good when every task ended as the example says', () => {
    expect(resultOf(ended)).toEqual({
      workflow: 'broken',
      phase: 'Failed',
      reason: 'Error',
      tasks: '1 completed, 1 failed, 1 upstream',
      duration: '1m05s',
      expected: 'Failed (Error)',
      ok: true,
      differences: [],
    });
  });
  test.each([
    ['another phase', { ...ended, phase: 'Completed' }, 'phase is Completed, want Failed'],
    ['another reason', { ...ended, reason: 'OOMKilled' }, 'reason is OOMKilled, want Error'],
    [
      'another exit code',
      { ...ended, tasks: ended.tasks.map((item) => (item.name === 'second' ? { ...item, state: 'Error 4' } : item)) },
      'task second is Error 4, want Error 3',
    ],
    ['another count', { ...ended, upstream: 0 }, 'taskCounts.upstream is 0, want 1'],
  ])('is bad for %s, and says so', (_, state, sentence) => {
    const result = resultOf(state);
    expect(result.ok).toBe(false);
    expect(result.differences).toEqual([sentence]);
    expect(tableLines([result], plain).join('\n')).toContain(sentence);
  });
});

describe('what is shown', () => {
  test('a line per change where nothing can be redrawn', () => {
    expect(changeLines([running], [ended])).toEqual([
      'broken: Failed (Error)',
      'broken/first: Completed',
      'broken/second: Error 3',
      'broken/third: Upstream',
    ]);
    expect(changeLines([ended], [ended])).toEqual([]);
  });
  test('a picture with a workflow and its tasks', () => {
    expect(progressLines([running], new Date(at(10)), plain)).toEqual([
      'broken        Running     0/3 tasks  10s',
      '  first                Running        9s',
      '  second               Waiting        ',
      '  third                Waiting        ',
    ]);
  });
  test('a redrawn picture starts where the former one did and never is wider than the terminal', () => {
    const written: string[] = [];
    const output = { isTTY: true, columns: 20, rows: 24, write: (part: string) => written.push(part) };
    const screen = newScreen(output, () => new Date(at(10)));
    screen.show([running]);
    screen.show([ended]);
    expect(written[1]!.startsWith('\u001b[4F')).toBe(true);
    // eslint-disable-next-line no-control-regex -- colours have no width
    const lines = written[1]!.replaceAll(/\u001b\[\d*[A-Za-z]/g, '').split('\n');
    expect(Math.max(...lines.map((line) => line.length))).toBe(20);
  });
  test('the final table in columns', () => {
    expect(tableLines([resultOf(ended)], plain)).toEqual([
      'WORKFLOW  PHASE   REASON  TASKS                              DURATION  EXPECTED',
      'broken    Failed  Error   1 completed, 1 failed, 1 upstream  1m05s     Failed (Error)  as expected',
    ]);
  });
  test.each([
    [undefined, at(1), '-'],
    [at(0), at(0), '0s'],
    [at(0), at(59), '59s'],
    [at(0), at(3600), '60m00s'],
    [at(5), at(1), '0s'],
  ])('a duration from %s to %s is %s', (from, to, want) => expect(duration(from, to)).toBe(want));
});

describe('an example', () => {
  const folder = join(import.meta.dirname, '../../examples');
  test.each(readdirSync(folder).filter((file) => file.endsWith('.yaml')))(
    '%s says how each of its tasks ends',
    (file) => {
      const read = parseExample(file, readFileSync(join(folder, file), 'utf8'));
      expect(`${read.name}.yaml`).toBe(file);
    },
  );
  test.each([
    ['is no Workflow', text.replace('kind: Workflow', 'kind: Pod'), 'broken.yaml: kind is Pod, want Workflow'],
    ['has no expectation', text.replace('examples.osmo.dev/expect', 'other'), 'metadata.annotations has no'],
    ['expects no end', text.replace('phase: Failed', 'phase: Running'), 'phase is Running, want Completed or Failed'],
    [
      'needs what nobody has',
      text.replace('  annotations:', '  annotations:\n    examples.osmo.dev/needs: gpu'),
      'examples.osmo.dev/needs is "gpu", want bucket',
    ],
    ['forgets a task', text.replace('third: Upstream', ''), 'tasks lacks third'],
    [
      'names an unknown task',
      text.replace('third: Upstream', 'third: Upstream, x: Completed'),
      'tasks names x, unknown',
    ],
  ])('that %s is refused', (_, bad, message) => expect(() => parseExample('broken.yaml', bad)).toThrow(message));
});
