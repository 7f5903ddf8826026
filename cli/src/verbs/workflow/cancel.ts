import { segment } from '../../http/client.ts';
import { printResult } from '../../output/print.ts';
import type { Verb } from '../../verb.ts';
import { forEach } from './for-each.ts';

export const cancel: Verb = {
  path: ['workflow', 'cancel'],
  summary: 'End workflows',
  description: 'A refusal of one is told and the others are canceled all the same; the exit code is 0 then too.',
  arguments: [{ name: 'ids...', description: 'ids of workflows' }],
  options: [
    { flags: '-m, --message <text>', description: 'why' },
    { flags: '-f, --force', description: 'without giving commands time to end' },
  ],
  examples: [
    ['workflow cancel train-7 -m "wrong data"', 'say why'],
    ['workflow cancel $(osmo workflow list -s RUNNING -o name)', 'all of yours that run'],
  ],
  formats: ['json', 'yaml', 'name'],
  async run(session, input) {
    const client = await session.gateway();
    const done = await forEach(session, input.args, (id) =>
      client.json<{ name: string }>({
        method: 'POST',
        path: `/api/workflow/${segment(id)}/cancel`,
        query: { force: input.flag('force'), message: input.text('message') },
      }),
    );
    const names = done.map(({ answer }) => answer.name);
    await printResult(session, input.format, {
      data: done.map(({ answer }) => answer),
      names,
      text: () => names.map((name) => `Cancel job for workflow ${name} is submitted!`).join('\n'),
    });
  },
};
