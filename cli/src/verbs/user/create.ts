import { printResult } from '../../output/print.ts';
import type { Verb } from '../../verb.ts';
import { type UserEntry, usersPath } from './entry.ts';

export const create: Verb = {
  path: ['user', 'create'],
  summary: 'Create a user',
  description: 'As for a machine that has access tokens of its own; people come with the identity provider.',
  arguments: [{ name: 'id', description: 'id of the user' }],
  options: [{ flags: '-r, --roles <role...>', description: 'what they may do' }],
  examples: [['user create robot-1 -r osmo-user', 'with a role']],
  formats: ['json', 'yaml', 'name'],
  async run(session, input) {
    const [id = ''] = input.args;
    const roles = input.texts('roles');
    const client = await session.gateway();
    const user = await client.json<UserEntry>({
      method: 'POST',
      path: usersPath,
      body: { id, ...(roles.length > 0 && { roles }) },
    });
    await printResult(session, input.format, {
      data: user,
      names: [user.id],
      text: () => `User ${user.id} created.`,
    });
  },
};
