import { usageFailure } from '../../failure.ts';
import type { Verb } from '../../verb.ts';

export const useContext: Verb = {
  path: ['config', 'use-context'],
  summary: 'Make a context the current one',
  arguments: [{ name: 'name', description: 'name of the context' }],
  examples: [['config use-context lab', 'commands ask that gateway from now on']],
  async run(session, input) {
    const [name = ''] = input.args;
    const config = await session.config();
    if (!Object.hasOwn(config.contexts, name)) {
      const known = Object.keys(config.contexts).map((each) => `'${each}'`);
      const there = known.length === 0 ? 'there are none' : `there are ${known.join(', ')}`;
      throw usageFailure(`${JSON.stringify(name)}: there is no such context; ${there}`);
    }
    await session.save({ ...config, 'current-context': name });
    session.print(`Switched to context ${name}.`);
  },
};
