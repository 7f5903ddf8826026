import { usageFailure } from '../../failure.ts';
import { segment } from '../../http/client.ts';
import { printResult } from '../../output/print.ts';
import type { Verb } from '../../verb.ts';
import { forEach } from './for-each.ts';

export const tag: Verb = {
  path: ['workflow', 'tag'],
  summary: 'List tags, or put them on workflows and take them off',
  options: [
    { flags: '-w, --workflow <id...>', description: 'workflows to change; without it the tags in use are listed' },
    { flags: '-a, --add <tag...>', description: 'tags to put on' },
    { flags: '-r, --remove <tag...>', description: 'tags to take off, before others are put on' },
  ],
  examples: [
    ['workflow tag', 'tags in use'],
    ['workflow tag -w train-7 train-8 -a baseline -r draft', 'change two workflows'],
  ],
  formats: ['json', 'yaml', 'name'],
  async run(session, input) {
    const ids = input.texts('workflow');
    const [add, remove] = [input.texts('add'), input.texts('remove')];
    const client = await session.gateway();
    if (ids.length === 0) {
      if (add.length + remove.length > 0) throw usageFailure('--add, --remove: need --workflow');
      const { tags = [] } = await client.json<{ tags?: string[] }>({ path: '/api/tag' });
      return printResult(session, input.format, {
        data: { tags },
        names: tags,
        text: () => ['Tags:', ...tags.map((each) => `- ${each}`)].join('\n'),
      });
    }
    if (add.length + remove.length === 0)
      throw usageFailure('--add, --remove: one of them must be given with --workflow');
    const done = await forEach(session, ids, (id) =>
      client.json<unknown>({ method: 'POST', path: `/api/workflow/${segment(id)}/tag`, query: { add, remove } }),
    );
    return printResult(session, input.format, {
      data: done.map(({ id, answer }) => ({ name: id, ...(answer as object | null) })),
      names: done.map(({ id }) => id),
      text: () => done.map(({ id }) => `Workflow ${id} updated.`).join('\n'),
    });
  },
};
