import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { KubeClient } from '@osmo/kube';
import { type Component, connectToCluster, killComponent, killProgram, type Program } from './harness/connect.ts';
import { clear, type Lab, newLab, podsOf } from './harness/lab.ts';
import { randomFrom, seedOf } from './harness/random.ts';
import { faultsOf, makeLedgerPool, startWorkload } from './harness/workload.ts';

const seed = seedOf(process.env, new Date());
const random = randomFrom(seed);
let client: KubeClient;
let lab: Lab;

beforeAll(async () => {
  console.log(`faults at random points: repeat them with OSMO_E2E_SEED=${seed}`);
  client = await connectToCluster();
  lab = await newLab(client, 'e2e-faults', 'privileged');
  await makeLedgerPool(lab);
}, 600_000);

afterAll(async () => clear(lab), 600_000);

/** Waits for a moment at which the workload is somewhere in its middle: it takes about eight seconds undisturbed. */
const someTime = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, random.between(300, 6_000)));

const programs: readonly Program[] = ['controllers', 'backend-operator'];
const components: readonly Component[] = ['kube-apiserver', 'etcd', 'kubelet'];
const victims: readonly (readonly [string, () => Promise<void>])[] = [
  ...programs.map((program) => [program, () => killProgram(client, program)] as const),
  ...components.map((component) => [component, () => killComponent(component)] as const),
];

async function survives(run: string, strike: () => Promise<void>): Promise<void> {
  const workload = await startWorkload(lab, run);
  await strike();
  expect(await faultsOf(lab, workload)).toEqual([]);
}

describe('every task ends as planned and runs exactly once, whatever is killed meanwhile', () => {
  test.each(victims)(
    '%s',
    async (name, kill) => {
      await survives(name, async () => {
        await someTime();
        await kill();
      });
    },
    900_000,
  );

  test('all of them, one after the other', async () => {
    await survives('all', async () => {
      for (const [, kill] of victims.toSorted(() => random.next() - 0.5)) {
        await someTime();
        await kill();
      }
    });
  }, 900_000);

  test('no pod is left once the workflows are gone', async () => {
    await clear(lab);
    expect(await podsOf(lab)).toEqual([]);
  }, 600_000);
});
