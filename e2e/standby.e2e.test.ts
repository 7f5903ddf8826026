import { beforeAll, describe, expect, test } from '@jest/globals';
import { Deployment, type KubeClient, Lease, Pod } from '@osmo/kube';
import { poll } from '../hack/cluster/system/poll.ts';
import { connectToCluster, type Program, systemNamespace } from './harness/connect.ts';
import { processesOfPod } from './harness/processes.ts';
import { endOf, type Lab, newLab, shell, submit } from './harness/lab.ts';

let client: KubeClient;
let lab: Lab;
beforeAll(async () => {
  client = await connectToCluster();
  lab = await newLab(client, 'e2e-standby');
}, 600_000);

/** Who leads a program: the pod whose name its Lease's holder starts with. */
async function leaderOf(program: Program): Promise<{ lease: Lease; pod: Pod } | undefined> {
  const leases = (await client.list(Lease, { namespace: systemNamespace })).items;
  const selector = `app.kubernetes.io/component=${program}`;
  const pods = (await client.list(Pod, { namespace: systemNamespace, labelSelector: selector })).items;
  for (const lease of leases) {
    const pod = pods.find((item) => lease.spec?.holderIdentity?.startsWith(item.metadata.name));
    if (pod) return { lease, pod };
  }
  return undefined;
}

describe.each<Program>(['controllers', 'backend-operator'])('two replicas of %s', (program) => {
  test('both are ready, one of them leads', async () => {
    // Whatever ran before may have replaced the pods: the Lease of a leader that is gone has to run out first.
    const selector = `app.kubernetes.io/component=${program}`;
    await poll(
      `both replicas of ${program} to be ready, and one to lead`,
      async () => {
        const { items } = await client.list(Deployment, { namespace: systemNamespace, labelSelector: selector });
        if (items.length !== 1 || items[0]!.status?.readyReplicas !== 2) return undefined;
        return leaderOf(program);
      },
      { timeoutMs: 180_000 },
    );
  }, 200_000);

  // What is promised is 30 s: a Lease of 15 s and two periods. The limits here are for a machine that has other things to do.
  test('the standby takes over when the leader’s pod freezes', async () => {
    const before = await poll(`a leader of ${program}`, () => leaderOf(program), { timeoutMs: 180_000 });
    const frozen = processesOfPod(before.pod);
    expect(frozen.length).toBeGreaterThan(0);
    // Stopped, not killed: a killed container is restarted by the kubelet at once and may win again.
    for (const { pid } of frozen) process.kill(pid, 'SIGSTOP');
    const stopped = Date.now();
    try {
      await submit(lab, `without-${program}`, { tasks: [shell('t', 'true')] });
      await poll(
        `another leader of ${program}`,
        async () => {
          const now = await leaderOf(program);
          return now && now.pod.metadata.uid !== before.pod.metadata.uid ? now : undefined;
        },
        { timeoutMs: 180_000 },
      );
      const tookMs = Date.now() - stopped;
      console.log(`${program}: taken over after ${(tookMs / 1000).toFixed(1)} s`);
      const { workflow } = await endOf(lab, `without-${program}`);
      expect(workflow.status!.phase).toBe('Completed');
    } finally {
      for (const { pid } of frozen) resume(pid);
    }
    await poll(
      `both pods of ${program} to be ready again`,
      async () => {
        const selector = `app.kubernetes.io/component=${program}`;
        const pods = (await client.list(Pod, { namespace: systemNamespace, labelSelector: selector })).items;
        const ready = pods.filter((pod) =>
          pod.status?.conditions?.some((item) => item.type === 'Ready' && item.status === 'True'),
        );
        return ready.length === 2 ? true : undefined;
      },
      { timeoutMs: 180_000 },
    );
  }, 600_000);
});

function resume(pid: number): void {
  try {
    process.kill(pid, 'SIGCONT');
  } catch {
    // Its own watchdog or the liveness probe may have ended it.
  }
}
