import { usageFailure } from '../../failure.ts';
import { segment } from '../../http/client.ts';
import { printResult } from '../../output/print.ts';
import type { Verb } from '../../verb.ts';
import { type UserEntry, userPath } from './entry.ts';

export const update: Verb = {
  path: ['user', 'update'],
  summary: 'Give a user roles, or take them',
  arguments: [{ name: 'id', description: 'id of the user' }],
  options: [
    { flags: '-a, --add-roles <role...>', description: 'roles to give' },
    { flags: '-r, --remove-roles <role...>', description: 'roles to take' },
  ],
  examples: [['user update robot-1 -a osmo-user -r osmo-admin', 'both at once']],
  formats: ['json', 'yaml'],
  async run(session, input) {
    const [id = ''] = input.args;
    const [add, remove] = [input.texts('add-roles'), input.texts('remove-roles')];
    if (add.length + remove.length === 0) throw usageFailure('--add-roles, --remove-roles: one of them must be given');
    const client = await session.gateway();
    const path = userPath(id);
    for (const role of add)
      await client.json<unknown>({ method: 'POST', path: `${path}/roles`, body: { role_name: role } });
    for (const role of remove) await client.json<unknown>({ method: 'DELETE', path: `${path}/roles/${segment(role)}` });
    if (input.format === 'text') return session.print(`User ${id} updated.`);
    const user = await client.json<UserEntry>({ path });
    return printResult(session, input.format, { data: user, text: () => '' });
  },
};
