import { expect, test } from '@jest/globals';
import { Api, type Quota, type QuotaUsage, type Workflow } from '@osmo/crds';
import fc from 'fast-check';
import { isAlive } from '../../controllers/src/quota/alive.ts';
import { planUsage, reservationSeconds } from '../../controllers/src/quota/plan.ts';
import { template, workflow } from '../../controllers/src/testing/objects.ts';
import { decide } from '../../webhooks/src/quota/decide.ts';

const limit = 2;
const claim = { kind: 'User', name: 'ada', quota: 'q', limits: { workflows: limit } } as const;
const quotas: Quota[] = [
  {
    apiVersion: Api.apiVersion,
    kind: 'Quota',
    metadata: { name: 'q' },
    spec: { subjects: [{ kind: 'EachUser' }], limits: claim.limits },
  },
];

/** What may happen: in any order, and any number of times. `pick` chooses among those that it may happen to. */
type Step = { kind: 'read' | 'write' | 'store' | 'refuse' | 'end' | 'delete' | 'see' | 'look' | 'apply'; pick: number };

/**
 * Webhooks of several replicas, the apiserver and the controllers, each as slow as can be: a webhook reads long before it
 * writes, what was let through is stored later or never, the controllers see the workflows late and write later still.
 */
class Play {
  now = new Date('2026-01-01T12:00:00Z');
  #version = 1;
  #usage: QuotaUsage = {
    apiVersion: Api.apiVersion,
    kind: 'QuotaUsage',
    metadata: { name: 'user.ada', resourceVersion: '1' },
    spec: { kind: 'User', name: 'ada' },
  };
  #names = 0;
  /** Reads of webhooks that have not written yet. */
  readonly #asking: { uid: string; usage: QuotaUsage }[] = [];
  /** Let through, and not stored yet. */
  readonly #passed: string[] = [];
  readonly stored = new Map<string, Workflow>();
  readonly #seen = new Map<string, Workflow>();
  /** Changes that the controllers have not seen yet, the first first. */
  readonly #unseen: (() => void)[] = [];
  #planned: { usage: QuotaUsage; status: object } | undefined;

  alive(): number {
    return [...this.stored.values()].filter(isAlive).length;
  }

  step({ kind, pick }: Step): void {
    const choose = <T>(items: readonly T[]): T | undefined => items[pick % Math.max(items.length, 1)];
    const take = <T>(items: T[]): T | undefined => items.splice(pick % Math.max(items.length, 1), 1)[0];
    if (kind === 'read') this.#asking.push({ uid: `uid-of-w${this.#names++}`, usage: this.#usage });
    if (kind === 'write') this.#reserve(take(this.#asking));
    if (kind === 'store') this.#store(take(this.#passed));
    if (kind === 'refuse') take(this.#passed);
    if (kind === 'end') this.#end(choose([...this.stored.keys()]));
    if (kind === 'delete') this.#delete(choose([...this.stored.keys()]));
    if (kind === 'see') this.#unseen.shift()?.();
    if (kind === 'look') this.look();
    if (kind === 'apply') this.apply();
  }

  /** Nothing is under way any more, and the controllers have seen and done all there is. */
  settle(): void {
    this.#asking.length = 0;
    while (this.#passed.length > 0) this.#passed.pop();
    while (this.#unseen.length > 0) this.#unseen.shift()?.();
    this.now = new Date(this.now.getTime() + reservationSeconds * 1000);
    for (let round = 0; round < 2; round++) {
      this.look();
      this.apply();
    }
  }

  get usage(): QuotaUsage {
    return this.#usage;
  }

  look(): void {
    const alive = [...this.#seen.values()].filter(isAlive);
    const endOf = (uid: string): Date | undefined => {
      const found = this.#seen.get(uid);
      return found === undefined || isAlive(found) ? undefined : new Date(found.status?.completionTime ?? 0);
    };
    const plan = planUsage({ now: this.now, usage: this.#usage, quotas, alive, endOf, writtenAt: undefined });
    const [write] = plan.statuses ?? [];
    this.#planned = write && { usage: this.#usage, status: write.status };
  }

  apply(): void {
    const { usage, status } = this.#planned ?? {};
    this.#planned = undefined;
    if (usage !== undefined) this.#put(usage, { ...usage.status, ...status });
  }

  #put(read: QuotaUsage, status: object): boolean {
    if (read.metadata.resourceVersion !== this.#usage.metadata.resourceVersion) return false;
    this.#usage = { ...read, status, metadata: { ...read.metadata, resourceVersion: `${++this.#version}` } };
    return true;
  }

  #reserve(asked: { uid: string; usage: QuotaUsage } | undefined): void {
    if (asked === undefined) return;
    const { uid, usage } = asked;
    const reservation = { uid, workflow: `lab/${uid}`, tasks: 1, time: this.now.toISOString() };
    const decision = decide(usage, claim, reservation);
    if (!('status' in decision)) return;
    if (this.#put(usage, decision.status)) this.#passed.push(uid);
    else this.#asking.push({ uid, usage: this.#usage });
  }

  #store(uid: string | undefined): void {
    if (uid === undefined) return;
    this.#change(uid, workflow({ tasks: [template('a')] }, uid.slice('uid-of-'.length)));
  }

  #end(uid: string | undefined): void {
    const found = uid === undefined ? undefined : this.stored.get(uid);
    if (uid === undefined || found === undefined) return;
    const completionTime = this.now.toISOString();
    const conditions = [
      {
        type: 'Succeeded',
        status: 'True' as const,
        reason: 'Completed',
        message: '',
        lastTransitionTime: completionTime,
      },
    ];
    this.#change(uid, { ...found, status: { conditions, phase: 'Completed', completionTime } });
  }

  #delete(uid: string | undefined): void {
    if (uid !== undefined) this.#change(uid, undefined);
  }

  #change(uid: string, next: Workflow | undefined): void {
    const write = (map: Map<string, Workflow>): void => {
      if (next === undefined) map.delete(uid);
      else map.set(uid, next);
    };
    write(this.stored);
    this.#unseen.push(() => write(this.#seen));
  }
}

const steps = fc.array(
  fc.record({
    kind: fc.constantFrom(
      'read',
      'read',
      'write',
      'write',
      'store',
      'store',
      'refuse',
      'end',
      'delete',
      'see',
      'see',
      'look',
      'apply',
    ),
    pick: fc.nat(20),
  }) as fc.Arbitrary<Step>,
  { maxLength: 120, size: 'max' },
);

test('no order of events lets more than the limit be alive, and in the end all of it can be used', () => {
  fc.assert(
    fc.property(steps, (list) => {
      const play = new Play();
      play.look();
      play.apply();
      for (const step of list) {
        play.step(step);
        expect(play.alive()).toBeLessThanOrEqual(limit);
      }
      play.settle();
      expect(play.usage.status).toMatchObject({ workflows: play.alive(), reservations: [] });
      const room = decide(play.usage, claim, {
        uid: 'next',
        workflow: 'lab/next',
        tasks: 1,
        time: play.now.toISOString(),
      });
      expect('status' in room).toBe(play.alive() < limit);
    }),
  );
});

test('all of the limit can be used, and no more, however late the controllers are', () => {
  const play = new Play();
  play.look();
  play.apply();
  for (let submission = 0; submission <= limit; submission++) {
    for (const kind of ['read', 'write', 'store'] as const) play.step({ kind, pick: 0 });
  }
  expect(play.alive()).toBe(limit);
  play.settle();
  expect(play.usage.status).toMatchObject({ workflows: limit, reservations: [] });
});
