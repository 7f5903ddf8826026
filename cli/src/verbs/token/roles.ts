import { printResult } from '../../output/print.ts';
import { fields } from '../../output/table.ts';
import type { Verb } from '../../verb.ts';
import { type RoleAssignment, roleTable } from '../role-table.ts';
import { tokenPath } from './path.ts';

interface TokenRoles {
  token_name?: string | null;
  user_name?: string | null;
  roles?: readonly RoleAssignment[] | null;
}

export const roles: Verb = {
  path: ['token', 'roles'],
  summary: 'Show the roles of an access token',
  arguments: [{ name: 'name', description: 'name of the token' }],
  examples: [['token roles ci', 'and who has given them']],
  formats: ['json', 'yaml', 'name'],
  async run(session, input) {
    const [name = ''] = input.args;
    const client = await session.gateway();
    const answer = await client.json<TokenRoles>({ path: `${tokenPath(undefined, name)}/roles` });
    const given = answer.roles ?? [];
    await printResult(session, input.format, {
      data: answer,
      names: given.map(({ role_name: role }) => role),
      text: () =>
        `${fields([
          ['Token', answer.token_name ?? name],
          ['User', answer.user_name ?? '-'],
        ])}\n\n${roleTable(session, given)}`,
    });
  },
};
