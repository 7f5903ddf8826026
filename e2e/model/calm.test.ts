import { describe, expect, test } from '@jest/globals';
import { Play } from './play.ts';

/** How long the parts of a calm cluster take, in seconds. */
interface Calm {
  /** From a write until all caches have it and who waits for it has looked. */
  lag: number;
  /** From the creation of a pod until it has a node, from there until its command runs, and how long that runs. */
  bind: number;
  start: number;
  run: number;
}

const offsets = Array.from({ length: 20 }, (_, place) => place / 20);
const lags = [0.005, 0.05, 0.1];
/** The node has the pod and its command runs within a second: no status tells of that. */
const calms = [0, 0.02, 0.4].flatMap((bind) =>
  [0, 0.1, 0.4].flatMap((start) => [0, 0.3, 1, 12, 45].map((run) => ({ bind, start, run }))),
);

/** Lets one task run by itself; the time goes from one thing that happens to the next. */
function live(offset: number, { lag, bind, start, run }: Calm): Play {
  const task = { name: 't', group: 'g', lead: true, script: [{ kind: 'exit' as const, code: 0 }], again: [] };
  const play = new Play({
    groups: [{ name: 'g', barrier: false, ignoreNonleadStatus: true, needs: [], tasks: [task] }],
  });
  const { store, hub, operator, kubelet } = play;
  // The apiserver gives the workflow, like all else, a time of creation in whole seconds: those before this.
  store.time = offset;
  const steps = [bind, start, run];
  let stepAt: number | undefined;
  for (let round = 0; round < 200; round += 1) {
    play.readAll();
    const planned = [hub.reconcile(), ...operator.groups().map((group) => operator.reconcile(group))];
    if (steps.length === 3 && store.pods.size > 0) stepAt = store.time + (steps.shift() ?? 0);
    if (planned.some((writes) => writes > 0)) {
      store.time += lag;
      continue;
    }
    const looks = [hub.wakeAt, operator.wakeAt].flatMap((at) => (at === undefined ? [] : [play.secondsOf(at)]));
    const next = Math.min(...looks.filter((at) => at > store.time), stepAt ?? Number.POSITIVE_INFINITY);
    if (!Number.isFinite(next)) return play;
    store.time = Math.max(store.time, next);
    if (stepAt === undefined || stepAt > store.time) continue;
    kubelet.step(0);
    stepAt = steps.length === 0 ? undefined : store.time + (steps.shift() ?? 0);
    store.time += lag;
  }
  throw new Error('never comes to rest');
}

describe('one task that starts at once on a calm cluster', () => {
  test.each(lags)('costs six writes and four Events whenever in a second it was created: %d s a step', (lag) => {
    const costs = calms.flatMap((calm) =>
      offsets.map((offset) => {
        const { store } = live(offset, { lag, ...calm });
        expect(store.violations).toEqual([]);
        expect(store.workflow.status?.phase).toBe('Completed');
        return { offset, ...calm, writes: store.writes, events: store.events };
      }),
    );
    expect(costs.filter(({ writes, events }) => writes > 6 || events > 4)).toEqual([]);
    // Its Task, its pod, and both ends: less would mean that something isn't counted.
    expect(costs.filter(({ writes, events }) => writes < 4 || events < 4)).toEqual([]);
  });
});
