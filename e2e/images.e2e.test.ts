import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type KubeClient, Node } from '@osmo/kube';
import { poll } from '../hack/cluster/system/poll.ts';
import { connectToCluster } from './harness/connect.ts';

const minutes = 60_000;
let client: KubeClient;
beforeAll(async () => {
  client = await connectToCluster();
});
afterAll(() => client.close());

interface NodeImages {
  status?: { images?: { names?: string[]; sizeBytes?: number }[] };
}

test(
  'the image of the task runtime has 150 MB at most: every node of every backend gets it before the first task with data starts there',
  async () => {
    // What a node names is what its container runtime says, and comes with its next heartbeat.
    const sizes = await poll(
      'a node to name the image of the task runtime',
      async () => {
        const { items } = await client.list(Node);
        const images = (items as unknown as NodeImages[]).flatMap(({ status }) => status?.images ?? []);
        const found = images.filter(({ names = [] }) => names.some((name) => /\/task-runtime[:@]/.test(name)));
        return found.length === 0 ? undefined : found.map(({ sizeBytes = Infinity }) => sizeBytes);
      },
      { timeoutMs: 10 * minutes, intervalMs: 1000 },
    );
    for (const size of sizes) expect(size).toBeLessThanOrEqual(150_000_000);
  },
  12 * minutes,
);
