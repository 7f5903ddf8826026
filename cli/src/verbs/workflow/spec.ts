import { segment } from '../../http/client.ts';
import type { Verb } from '../../verb.ts';

export const spec: Verb = {
  path: ['workflow', 'spec'],
  summary: 'Print what a workflow was submitted as',
  arguments: [{ name: 'id', description: 'id of the workflow' }],
  options: [{ flags: '--template', description: 'the recipe before it was rendered' }],
  examples: [
    ['workflow spec train-7 > train.yaml', 'as a recipe that can be submitted'],
    ['workflow spec train-7 --template', 'the template that it came from'],
  ],
  async run(session, input) {
    const client = await session.gateway();
    const text = await client.text({
      path: `/api/workflow/${segment(input.args[0] ?? '')}/spec`,
      query: { use_template: input.flag('template') },
    });
    session.host.out.write(text.endsWith('\n') || text === '' ? text : `${text}\n`);
  },
};
