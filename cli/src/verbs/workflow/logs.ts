import { usageFailure } from '../../failure.ts';
import { segment } from '../../http/client.ts';
import type { Verb } from '../../verb.ts';
import { printStream } from './stream.ts';

export const logs: Verb = {
  path: ['workflow', 'logs'],
  summary: 'Print the logs of a workflow, until it ends',
  arguments: [{ name: 'id', description: 'id of the workflow' }],
  options: [
    { flags: '-t, --task <name>', description: 'only of this task' },
    { flags: '-r, --retry-id <number>', description: 'only of this attempt, from 0; needs --task', type: 'integer' },
    { flags: '--error', description: 'only of tasks that failed' },
    { flags: '-n, --last <lines>', description: 'of each task only so many lines of what there is', type: 'integer' },
  ],
  examples: [
    ['workflow logs train-7', 'all tasks, live while it runs'],
    ['workflow logs train-7 -t worker-0 -n 100', 'the last lines of one task, and what follows'],
    ['workflow logs train-7 --error', 'what the tasks that failed said'],
  ],
  async run(session, input) {
    const task = input.text('task');
    if (input.integer('retry-id') !== undefined && task === undefined)
      throw usageFailure('--retry-id: needs --task: attempts are of a task');
    const client = await session.gateway();
    const what = input.flag('error') ? 'error_logs' : 'logs';
    await printStream(session, client, {
      path: `/api/workflow/${segment(input.args[0] ?? '')}/${what}`,
      query: { last_n_lines: input.integer('last'), task_name: task, retry_id: input.integer('retry-id') },
    });
  },
};
