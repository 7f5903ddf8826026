import { usageFailure } from '../../failure.ts';
import type { GatewayClient } from '../../http/client.ts';
import { printResult } from '../../output/print.ts';
import type { Session } from '../../session.ts';
import type { Input, OptionSpec } from '../../verb.ts';
import { poolOf } from '../pool-of.ts';
import { printWarnings, recipeOptions, type Submitted, type Target, targetQuery } from './submission.ts';
import { waitForEnd } from './until-ended.ts';

/** Options of what submits a workflow. */
export const submitOptions: readonly OptionSpec[] = [
  ...recipeOptions,
  {
    flags: '--set-env <name=value...>',
    description: "variables in the environment of every task, over the task's own",
  },
  { flags: '--priority <priority>', description: 'what goes first', choices: ['HIGH', 'NORMAL', 'LOW'] },
  { flags: '--dry-run', description: 'only print the rendered recipe' },
  { flags: '--wait', description: 'wait for the end of the workflow; exit code 4 when it fails' },
  { flags: '--rsync <local:remote>', description: 'not possible yet' },
];

/** Submits to the pool that the options say, as `send` does it, and prints what became of it. */
export async function submitToPool(
  session: Session,
  input: Input,
  send: (client: GatewayClient, target: Target) => Promise<Submitted>,
): Promise<void> {
  if (input.text('rsync') !== undefined) throw usageFailure('--rsync: uploading to running tasks is not possible yet');
  const dryRun = input.flag('dry-run');
  const wait = input.flag('wait');
  if (wait && dryRun) throw usageFailure('--wait, --dry-run: a dry run has no end to wait for');
  const client = await session.gateway();
  const pool = await poolOf(session, client, input.text('pool'));
  const query = await targetQuery(session, input);
  const priority = input.text('priority');
  const more = dryRun ? { priority, dry_run: true } : { priority, env_vars: input.texts('set-env') };
  const answer = await send(client, { pool, query: { ...query, ...more } });
  if (dryRun && (input.format === 'text' || input.format === 'name')) return session.host.out.write(answer.spec ?? '');
  await printResult(session, input.format, {
    data: answer,
    names: [answer.name],
    text: () =>
      [
        'Workflow submit successful.',
        `Workflow ID        - ${answer.name}`,
        `Workflow Overview  - ${answer.overview ?? 'None'}`,
        ...(answer.dashboard_url === null ? [] : [`Workflow Dashboard - ${answer.dashboard_url}`]),
      ].join('\n'),
  });
  if (input.format === 'text') {
    printWarnings(session, answer.warnings);
    if (priority === 'LOW') printWarnings(session, [lowPriority]);
  }
  if (wait) await waitForEnd(session, client, answer.name);
  return undefined;
}

const lowPriority = 'LOW priority workflows may be preempted when others need what they use.';
