import { printResult } from '../../output/print.ts';
import type { Verb } from '../../verb.ts';
import { tokenPath, userOption } from './path.ts';

export const deleteToken: Verb = {
  path: ['token', 'delete'],
  summary: 'Delete an access token',
  arguments: [{ name: 'name', description: 'name of the token' }],
  options: [userOption],
  examples: [['token delete ci', 'from now on it is good for nothing']],
  formats: ['json', 'yaml'],
  async run(session, input) {
    const [name = ''] = input.args;
    const client = await session.gateway();
    const answer = await client.json<unknown>({ method: 'DELETE', path: tokenPath(input.text('user'), name) });
    await printResult(session, input.format, { data: answer, text: () => `Deleted access token ${name}.` });
  },
};
