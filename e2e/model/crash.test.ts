import { describe, expect, test } from '@jest/globals';
import type { ModelGroup, ModelTask, ModelWorkflow, Step } from './arbitrary.ts';
import { Play } from './play.ts';
import type { Outcome } from './scripts.ts';

const ends = (code: number): Outcome => ({ kind: 'exit', code });
const fine = ends(0);

function task(name: string, script: Outcome[], more: Partial<ModelTask> = {}): ModelTask {
  return { name, group: '', lead: false, script, again: [fine], ...more };
}

function group(name: string, tasks: ModelTask[], more: Partial<ModelGroup> = {}): ModelGroup {
  // A group and a task can't have one name.
  const own = `${name}-group`;
  const members = tasks.map((each, place) => ({ ...each, group: own, lead: place === 0 }));
  return { name: own, barrier: true, ignoreNonleadStatus: true, needs: [], ...more, tasks: members };
}

/** What happens, in words, and what users do once so many effects have happened. */
interface Story {
  model: ModelWorkflow;
  acts?: readonly (readonly [after: number, step: Step])[];
}

const chain = [group('a', [task('a', [fine])]), group('b', [task('b', [fine])], { needs: ['a'] })];
const gang = (more: Partial<ModelGroup> = {}): ModelGroup =>
  group('gang', [task('lead', [fine]), task('one', [{ kind: 'forever' }]), task('two', [fine])], more);

const stories: Readonly<Record<string, Story>> = {
  'one task': { model: { groups: [group('a', [task('a', [fine])])] } },
  'a chain': { model: { groups: chain } },
  'a failure with something downstream': {
    model: { groups: [group('a', [task('a', [ends(3)])]), group('b', [task('b', [fine])], { needs: ['a'] })] },
  },
  'a gang that its lead ends': { model: { groups: [gang()] } },
  'a strict gang of which one fails': {
    model: {
      groups: [
        group('gang', [task('lead', [{ kind: 'forever' }]), task('one', [ends(1)])], { ignoreNonleadStatus: false }),
      ],
    },
  },
  'a lead that is tried again': {
    model: {
      groups: [
        group('gang', [
          task('lead', [ends(1), fine], { retryPolicy: { maxRetries: 1, backoffSeconds: 5 } }),
          task('one', [{ kind: 'forever' }]),
        ]),
      ],
    },
  },
  'a task that is preempted, then lost, then fine': {
    model: { groups: [group('a', [task('a', [{ kind: 'preempted' }, { kind: 'nodeLost' }, fine])])] },
  },
  'an exit action that runs out of retries': {
    model: {
      groups: [
        group('a', [
          task('a', [ends(9)], {
            retryPolicy: { maxRetries: 2 },
            exitActions: [{ action: 'Reschedule', exitCodes: '9' }],
          }),
        ]),
      ],
    },
  },
  'a workflow that is canceled': {
    model: { groups: [gang(), group('b', [task('b', [fine])], { needs: ['lead'] })] },
    acts: [[5, ['cancel', 1, 0]]],
  },
  'one that is suspended and resumed': {
    model: { groups: chain },
    acts: [
      [1, ['suspend', 0, 0]],
      [6, ['resume', 0, 0]],
    ],
  },
  'one that is restarted after it failed': {
    model: {
      groups: [
        group('a', [task('a', [fine])]),
        group('b', [task('b', [ends(1)])], { needs: ['a'] }),
        group('c', [task('c', [fine])], { needs: ['b'] }),
      ],
    },
    acts: [[9, ['restart', 0, 0]]],
  },
  'a part that is restarted while the rest runs': {
    model: { groups: [group('a', [task('a', [fine])]), gang({ needs: ['a'] })] },
    acts: [[10, ['restartSome', 0, 0]]],
  },
};

/** Plays a story; the process that is about to do effect number `crash` dies instead. */
function tell({ model, acts = [] }: Story, crash: number | undefined): Play {
  const run = new Play(model);
  run.store.fuse = crash;
  const open = [...acts];
  run.drain((atRest) => {
    const [next] = open;
    if (next === undefined || (run.store.effects < next[0] && !atRest)) return open.length > 0;
    open.shift();
    run.act(next[1]);
    return true;
  });
  expect(run.store.violations).toEqual([]);
  return run;
}

/** What must be the same however often a process died. */
function endOf(run: Play): object {
  const { phase, reason, run: number, taskCounts, groupCounts } = run.store.workflow.status ?? {};
  const names = [...run.store.tasks.keys()].toSorted();
  const tasks = names.map((name) => {
    const status = run.store.tasks.get(name)?.status;
    return [
      name,
      status?.phase,
      status?.phase === 'Failed' ? status.reason : undefined,
      status?.run,
      status?.retries?.user ?? 0,
    ];
  });
  const live = [...run.store.pods.values()].filter((pod) => pod.status?.phase === 'Running').length;
  return { phase, reason, number, taskCounts, groupCounts, live, tasks };
}

describe('a process that dies between any two effects recovers to the same end', () => {
  test.each(Object.entries(stories))(
    '%s',
    (_, story) => {
      const undisturbed = tell(story, undefined);
      const want = endOf(undisturbed);
      expect(undisturbed.store.workflow.status?.phase).toMatch(/^(Completed|Failed)$/);
      expect(undisturbed.store.effects).toBeGreaterThan(5);
      for (let crash = 0; crash < undisturbed.store.effects; crash += 1) {
        expect({ crash, ...endOf(tell(story, crash)) }).toEqual({ crash, ...want });
      }
    },
    300_000,
  );
});
