import { nameOfWrite, settledWrites } from '../../e2e/harness/audit.ts';
import type { Bench, BenchContext } from '../bench.ts';
import { systemNamespace } from '../lab/chart.ts';
import { type Hub, newNamespace, startHub } from '../lab/hub.ts';
import { Workflows } from '../lab/kinds.ts';
import { watchMoments } from '../lab/moments.ts';
import { completed, submit, task } from '../lab/workloads.ts';
import type { Row } from '../report/row.ts';

const samples = 5;

/** The audit log's count of what our programs write over the life of a one-task workflow. */
export const writesBench: Bench = {
  name: 'writes',
  about: 'API writes of our programs over a one-task workflow, counted in the audit log',
  async run(context) {
    const hub = await startHub(context, { kwok: { nodes: 1, runMs: 1000 }, audit: true });
    const counted: { all: number; events: number; names: string[] }[] = [];
    for (let number = 0; number < samples; number++) {
      context.say(`workflow ${number + 1} of ${samples}`);
      const writes = await writesOfOne(hub, context, `bench-writes-${number}`);
      const events = writes.filter(({ objectRef }) => objectRef?.resource === 'events').length;
      counted.push({ all: writes.length, events, names: writes.map(nameOfWrite) });
    }
    // The budget is a bound, so the worst of them counts.
    const worst = counted.reduce((a, b) => (b.all > a.all ? b : a));
    const row = (what: string, value: number, atMost: number): Row => ({
      bench: 'writes',
      what,
      value,
      unit: 'writes',
      target: { of: 'value', atMost },
    });
    return [
      row('one-task workflow, create to end', Math.max(...counted.map(({ all, events }) => all - events)), 8),
      {
        ...row('with Events', worst.all, 10),
        note: `most of ${samples} workflows, one alone at a time: ${worst.names.join(', ')}`,
      },
    ];
  },
};

async function writesOfOne({ client, plane }: Hub, context: BenchContext, name: string) {
  const namespace = await newNamespace(client, name);
  const ends = await watchMoments(context, { client, type: Workflows, namespace }, completed);
  await submit(client, { namespace, name: 'one' }, { tasks: [task('only')] });
  await ends.reached(1, 60_000);
  ends.stop();
  return settledWrites(plane.auditLog as string, namespace, systemNamespace, 2000);
}
