import { segment } from '../../http/client.ts';
import { printResult } from '../../output/print.ts';
import type { Verb } from '../../verb.ts';
import { printWarnings, type Submitted } from './submission.ts';

export const restart: Verb = {
  path: ['workflow', 'restart'],
  summary: 'Run the failed tasks of a workflow again, and what depends on them',
  arguments: [{ name: 'id', description: 'id of a workflow that failed' }],
  options: [{ flags: '-p, --pool <name>', description: 'pool of the workflow' }],
  examples: [['workflow restart train-7', 'what completed is not run again']],
  formats: ['json', 'yaml', 'name'],
  async run(session, input) {
    const [id = ''] = input.args;
    const client = await session.gateway();
    const path = segment(id);
    const pool = input.text('pool') ?? (await client.json<{ pool: string }>({ path: `/api/workflow/${path}` })).pool;
    const answer = await client.json<Submitted>({
      method: 'POST',
      path: `/api/pool/${segment(pool)}/workflow/${path}/restart`,
      submission: true,
    });
    await printResult(session, input.format, {
      data: answer,
      names: [answer.name],
      text: () =>
        [
          `Workflow ${id} restarted.`,
          `Workflow ID        - ${answer.name}`,
          `Workflow Overview  - ${answer.overview ?? 'None'}`,
        ].join('\n'),
    });
    if (input.format === 'text') printWarnings(session, answer.warnings);
  },
};
