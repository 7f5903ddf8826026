import { printResult } from '../../output/print.ts';
import { table } from '../../output/table.ts';
import type { Verb } from '../../verb.ts';
import { tokenPath, userOption } from './path.ts';

interface TokenEntry {
  token_name: string;
  description?: string | null;
  /** Begins with a day as YYYY-MM-DD, UTC. */
  expires_at: string;
  roles?: readonly string[] | null;
}

export const list: Verb = {
  path: ['token', 'list'],
  summary: 'List access tokens',
  description: 'The tokens themselves are never shown.',
  options: [userOption],
  examples: [
    ['token list', 'yours'],
    ['token list -u robot-1', 'of another user'],
  ],
  formats: ['json', 'yaml', 'name'],
  async run(session, input) {
    const client = await session.gateway();
    const tokens = await client.json<TokenEntry[]>({ path: tokenPath(input.text('user')) });
    const { colors, host } = session;
    const today = host.now().toISOString().slice(0, 10);
    await printResult(session, input.format, {
      data: tokens,
      names: tokens.map(({ token_name: name }) => name),
      text: () =>
        table(
          [
            { title: 'Name' },
            { title: 'Description' },
            { title: 'Active', paint: (text) => (text === 'Active' ? colors.green(text) : colors.red(text)) },
            { title: 'Expires At (UTC)' },
            { title: 'Roles' },
          ],
          tokens.map(({ token_name: name, description, expires_at: ends, roles }) => {
            const day = ends.slice(0, 10);
            return [name, description || '-', day > today ? 'Active' : 'Expired', day, roles?.join(', ') || '-'];
          }),
        ),
    });
  },
};
