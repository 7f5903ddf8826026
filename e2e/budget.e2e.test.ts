import { beforeAll, expect, test } from '@jest/globals';
import { type AuditEvent, nameOfWrite, settledWrites } from './harness/audit.ts';
import { auditLog, connectToCluster, systemNamespace } from './harness/connect.ts';
import { empty, endOf, type Lab, newLab, shell, submit, Workflows } from './harness/lab.ts';

const writesAllowed = 8;
const writesWithEventsAllowed = 10;

/** A pod that waits for seconds on a busy machine has that told, by a status and an Event: the rule is shown by one that doesn't. */
const attempts = 8;

let untilItsEnd: AuditEvent[];
let withItsRemoval: AuditEvent[];

beforeAll(async () => {
  const connection = await connectToCluster();
  for (let attempt = 1; attempt <= attempts; attempt++) {
    // A name of its own in every run: the audit log still has what a former one did.
    await run(await newLab(connection, `e2e-budget-${Date.now().toString(36)}`));
    if (withoutEvents().length <= writesAllowed && untilItsEnd.length <= writesWithEventsAllowed) return;
  }
}, 600_000);

async function run(lab: Lab): Promise<void> {
  await submit(lab, 'one', { tasks: [shell('t', 'sleep 1')] });
  const { workflow } = await endOf(lab, 'one');
  expect(workflow.status!.phase).toBe('Completed');
  untilItsEnd = await settledWrites(auditLog(), lab.namespace, systemNamespace);
  await lab.client.delete(Workflows, { name: 'one', namespace: lab.namespace });
  await empty(lab);
  withItsRemoval = await settledWrites(auditLog(), lab.namespace, systemNamespace);
}

const withoutEvents = (): AuditEvent[] => untilItsEnd.filter(({ objectRef }) => objectRef?.resource !== 'events');

test(`a one-task workflow costs at most ${writesAllowed} writes, ${writesWithEventsAllowed} with Events`, () => {
  console.log(
    [
      `${withoutEvents().length} writes, ${untilItsEnd.length} with Events, ${withItsRemoval.length} with its removal:`,
      ...withItsRemoval.map((event) => `  ${nameOfWrite(event)}`),
    ].join('\n'),
  );
  // Task and pod are created, and both ends are recorded: less means that the log doesn't show what it should.
  expect(withoutEvents().length).toBeGreaterThanOrEqual(4);
  expect(withoutEvents().length).toBeLessThanOrEqual(writesAllowed);
  expect(untilItsEnd.length).toBeLessThanOrEqual(writesWithEventsAllowed);
});

test('none of them was refused', () => {
  const refused = withItsRemoval.filter(({ responseStatus }) => (responseStatus?.code ?? 0) >= 400);
  expect(refused.map(nameOfWrite)).toEqual([]);
});
