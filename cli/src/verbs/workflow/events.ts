import { usageFailure } from '../../failure.ts';
import { segment } from '../../http/client.ts';
import type { Verb } from '../../verb.ts';
import { printStream } from './stream.ts';

export const events: Verb = {
  path: ['workflow', 'events'],
  summary: 'Print what happened to a workflow, its tasks and their pods',
  arguments: [{ name: 'id', description: 'id of the workflow' }],
  options: [
    { flags: '-t, --task <name>', description: 'only to this task' },
    { flags: '-r, --retry-id <number>', description: 'only in this attempt, from 0; needs --task', type: 'integer' },
  ],
  examples: [
    ['workflow events train-7', 'of all tasks'],
    ['workflow events train-7 -t worker-0', 'of one'],
  ],
  async run(session, input) {
    const task = input.text('task');
    if (input.integer('retry-id') !== undefined && task === undefined)
      throw usageFailure('--retry-id: needs --task: attempts are of a task');
    await printStream(session, await session.gateway(), {
      path: `/api/workflow/${segment(input.args[0] ?? '')}/events`,
      query: { task_name: task, retry_id: input.integer('retry-id') },
    });
  },
};
